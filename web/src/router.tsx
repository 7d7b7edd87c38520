import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { meQuery } from "@/api/me";
import { onSignedOut } from "@/api/client";
import { Problem } from "@/api/problem";
import { queryClient } from "@/api/queries";
import { AppLayout } from "@/shell/app-layout";
import { Crash } from "@/shell/crash";
import { NotFound } from "@/shell/not-found";
import { ListSkeleton } from "@/ui";
import { nextOf } from "@/rooms/auth/next";
import { readBillingSearch } from "@/rooms/billing/search";
import { readExecutionSearch } from "@/rooms/executions/search";

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: nextOf,
  component: lazyRouteComponent(() => import("@/rooms/auth/login-page"), "LoginPage"),
});
const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/signup",
  validateSearch: (search: Record<string, unknown>): { next?: string; email?: string } => ({
    ...nextOf(search),
    ...(typeof search.email === "string" ? { email: search.email } : {}),
  }),
  component: lazyRouteComponent(() => import("@/rooms/auth/signup-page"), "SignUpPage"),
});
const joinRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/join",
  component: lazyRouteComponent(() => import("@/rooms/auth/join-page"), "JoinPage"),
});
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  component: AppLayout,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: "/login", search: { next: location.href } });
      }
      throw error;
    }
  },
});
const indexRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/workflows" });
  },
});
const workflowsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/workflows",
  validateSearch: (search: Record<string, unknown>): { q?: string; new?: boolean } => ({
    ...(typeof search.q === "string" && search.q ? { q: search.q } : {}),
    ...(search.new === true ? { new: true } : {}),
  }),
  component: lazyRouteComponent(() => import("@/rooms/workflows/workflow-list-page"), "WorkflowListPage"),
});
const builderRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/workflows/$workflowId",
  validateSearch: (search: Record<string, unknown>): { node?: string; execution?: string; view?: "canvas" | "outline" } => ({
    ...(typeof search.node === "string" ? { node: search.node } : {}),
    ...(typeof search.execution === "string" ? { execution: search.execution } : {}),
    ...(search.view === "outline" || search.view === "canvas" ? { view: search.view } : {}),
  }),
  component: lazyRouteComponent(() => import("@/rooms/builder/builder-page"), "BuilderPage"),
});
const executionsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/executions",
  validateSearch: readExecutionSearch,
  component: lazyRouteComponent(() => import("@/rooms/executions/execution-list-page"), "ExecutionListPage"),
});
const executionRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/executions/$executionId",
  validateSearch: (search: Record<string, unknown>): { node?: string } =>
    typeof search.node === "string" ? { node: search.node } : {},
  component: lazyRouteComponent(() => import("@/rooms/executions/execution-page"), "ExecutionPage"),
});
const triggersRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/triggers",
  component: lazyRouteComponent(() => import("@/rooms/triggers/trigger-list-page"), "TriggerListPage"),
});
const credentialsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/credentials",
  validateSearch: (search: Record<string, unknown>): { new?: string; edit?: string; host?: string } => ({
    ...(typeof search.new === "string" ? { new: search.new } : {}),
    ...(typeof search.edit === "string" ? { edit: search.edit } : {}),
    ...(typeof search.host === "string" ? { host: search.host } : {}),
  }),
  component: lazyRouteComponent(() => import("@/rooms/credentials/credential-list-page"), "CredentialListPage"),
});
const templatesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/templates",
  component: lazyRouteComponent(() => import("@/rooms/templates/template-list-page"), "TemplateListPage"),
});
const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/rooms/settings/settings-layout"), "SettingsLayout"),
});
const settingsSectionRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "$section",
  validateSearch: readBillingSearch,
  component: lazyRouteComponent(() => import("@/rooms/settings/settings-section"), "SettingsSection"),
});
const settingsIndexRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$section", params: { section: "account" } });
  },
});

const tree = rootRoute.addChildren([
  loginRoute,
  signUpRoute,
  joinRoute,
  appRoute.addChildren([
    indexRoute,
    workflowsRoute,
    builderRoute,
    executionsRoute,
    executionRoute,
    triggersRoute,
    credentialsRoute,
    templatesRoute,
    settingsRoute.addChildren([settingsIndexRoute, settingsSectionRoute]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultErrorComponent: Crash,
  defaultNotFoundComponent: NotFound,
  defaultPendingComponent: ListSkeleton,
  defaultPreload: "intent",
  scrollRestoration: true,
});

const PUBLIC = ["/login", "/signup", "/join"];
onSignedOut(() => {
  queryClient.removeQueries({ queryKey: meQuery.queryKey });
  const { pathname, href } = router.state.location;
  if (!PUBLIC.some((path) => pathname.startsWith(path))) {
    void router.navigate({ to: "/login", search: { next: href } });
  }
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
