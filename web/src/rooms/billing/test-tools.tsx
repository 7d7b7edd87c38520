import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { IntlProvider } from "use-intl";
import en from "@/i18n/en";
import { ConfirmProvider } from "@/ui";
import type { Plan, Subscription } from "./billing-queries";

/** Draws something as on a page: with texts, queries and links that know where they lead. */
export async function draw(shown: ReactNode) {
  const root = createRootRoute();
  const home = createRoute({ getParentRoute: () => root, path: "/", component: () => shown });
  const settings = createRoute({ getParentRoute: () => root, path: "/settings/$section", component: () => null });
  const router = createRouter({ routeTree: root.addChildren([home, settings]), history: createMemoryHistory() });
  await router.load();
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <IntlProvider locale="en" messages={en} timeZone="UTC">
      <QueryClientProvider client={queries}>
        <ConfirmProvider>
          {/* The app's own router is the registered one. */}
          <RouterProvider router={router as never} />
        </ConfirmProvider>
      </QueryClientProvider>
    </IntlProvider>,
  );
}

export function planOf(plan: string, patch: Partial<Plan> = {}): Plan {
  return {
    plan,
    number: 1,
    name: plan.charAt(0).toUpperCase() + plan.slice(1),
    summary: "",
    prices: { month: { usd: 2000 }, year: { usd: 19_200 } },
    trial_days: 14,
    limits: {
      executions: 1000,
      ai_tokens: 1000,
      api_calls: 1000,
      storage_bytes: 1024,
      active_workflows: 5,
      members: 2,
      retention_days: 7,
      sandbox_memory_mb: 256,
      timeout_seconds: 60,
      minimum_poll_seconds: 300,
    },
    features: { audit_log_export: false, package_policy: false, marketplace_publishing: false, error_workflows: true, priority_support: false },
    at_limit: {},
    overage: {},
    per_seat: ["executions", "ai_tokens", "api_calls", "storage_bytes", "active_workflows", "members"],
    is_for_sale: true,
    is_current: false,
    ...patch,
  };
}

export const PLANS: readonly Plan[] = [
  planOf("free", { prices: {}, is_for_sale: false, trial_days: 0, is_current: true }),
  planOf("pro"),
  planOf("team", { prices: { month: { usd: 8000 }, year: { usd: 76_800 } } }),
  planOf("enterprise", { prices: {}, is_for_sale: false, trial_days: 0 }),
];

export function subscriptionOf(patch: Partial<Subscription> = {}): Subscription {
  return {
    mode: "on",
    plan: "free",
    plan_name: "Free",
    subscribed_plan: null,
    status: null,
    interval: null,
    seats: null,
    discount: null,
    bank_transfer: null,
    pending_change: null,
    payment_action: null,
    collection_method: null,
    days_until_due: null,
    discounts: [],
    amount: null,
    currency: "usd",
    current_period_start: null,
    current_period_end: null,
    trial_end: null,
    charged: null,
    may_try: true,
    cancel_at_period_end: false,
    scheduled_change: null,
    grace_until: null,
    banner: null,
    actions: [],
    usage_period_start: "2026-11-01T00:00:00Z",
    usage_period_end: "2026-12-01T00:00:00Z",
    limits: [],
    included: {},
    features: {},
    held_executions: 0,
    synchronized_at: null,
    ...patch,
  };
}
