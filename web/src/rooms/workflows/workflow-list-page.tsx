import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { MoreHorizontal, Plus, Workflow } from "lucide-react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { Badge, Button, Card, EmptyState, ErrorNotice, Input, ListSkeleton, Menu, MenuItem, MenuSeparator, Moment, Page, StatusBadge, Switch, useConfirm } from "@/ui";
import { FirstSteps } from "./first-steps";
import { NewWorkflowDialog } from "./new-workflow-dialog";

type Listed = components["schemas"]["WorkflowListed"];
const PAGE = 100;

export function WorkflowListPage() {
  const t = useTranslations("workflows");
  const search = useSearch({ from: "/app/workflows" });
  const navigate = useNavigate({ from: "/workflows" });
  const may = useMay("workflow:write");
  const ui = useTranslations("ui");
  const workflows = useInfiniteQuery({
    queryKey: ["workflows", "list", search.q ?? ""],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/workflows", { params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}), ...(search.q ? { q: search.q } : {}) } } })),
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
  const rows = workflows.data?.pages.flatMap((page) => page.items) ?? [];
  const openNew = () => void navigate({ search: { ...search, new: true } });
  return (
    <Page
      title={t("title")}
      summary={t("summary")}
      actions={
        may ? (
          <Button look="primary" onClick={openNew}>
            <Plus aria-hidden />
            {t("new")}
          </Button>
        ) : null
      }
    >
      <Input type="search" aria-label={t("search")} placeholder={t("search")} className="max-w-sm" defaultValue={search.q ?? ""} onChange={(event) => void navigate({ search: event.target.value ? { q: event.target.value } : {}, replace: true })} />
      {workflows.error ? <ErrorNotice error={workflows.error} onRetry={() => void workflows.refetch()} /> : null}
      {workflows.isPending ? <ListSkeleton /> : null}
      {workflows.data && rows.length === 0 ? (
        <EmptyState
          icon={Workflow}
          title={search.q ? t("noMatch") : t("none")}
          action={
            search.q || !may ? null : (
              <>
                <Button asChild look="primary">
                  <Link to="/templates">{t("fromTemplate")}</Link>
                </Button>
                <Button onClick={openNew}>{t("fromScratch")}</Button>
              </>
            )
          }
        >
          {search.q ? t("noMatchHint") : t("noneHint")}
        </EmptyState>
      ) : null}
      {workflows.data && may && !search.q ? <FirstSteps workflows={rows} /> : null}
      <ul aria-label={t("title")} className="flex flex-col gap-2">
        {rows.map((workflow) => (
          <li key={workflow.id}>
            <WorkflowRow workflow={workflow} may={may} />
          </li>
        ))}
      </ul>
      {workflows.hasNextPage ? (
        <Button className="self-center" busy={workflows.isFetchingNextPage} onClick={() => void workflows.fetchNextPage()}>
          {ui("more")}
        </Button>
      ) : null}
      {search.new && may ? <NewWorkflowDialog onClose={() => void navigate({ search: search.q ? { q: search.q } : {} })} /> : null}
    </Page>
  );
}

function WorkflowRow({ workflow, may }: { workflow: Listed; may: boolean }) {
  const t = useTranslations("workflows");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const confirm = useConfirm();
  const path = { params: { path: { workflow_id: workflow.id } } };
  const refresh = () => queries.invalidateQueries({ queryKey: ["workflows"] });
  const activate = useMutation({
    mutationFn: (on: boolean) => body(on ? api.POST("/api/v1/workflows/{workflow_id}/activate", path) : api.POST("/api/v1/workflows/{workflow_id}/deactivate", path)),
    onSettled: refresh,
    onError: toast.failed,
  });
  const duplicate = useMutation({
    mutationFn: () => body(api.POST("/api/v1/workflows/{workflow_id}/duplicate", { ...path, body: {} })),
    onSuccess: (copy) => navigate({ to: "/workflows/$workflowId", params: { workflowId: copy.workflow_id } }),
    onError: toast.failed,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/workflows/{workflow_id}", path),
    onSettled: refresh,
    onError: toast.failed,
  });
  return (
    <Card className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-48 flex-1">
        <Link to="/workflows/$workflowId" params={{ workflowId: workflow.id }} className="font-medium hover:text-accent-text hover:underline">
          {workflow.name}
        </Link>
        <p className="flex flex-wrap items-center gap-2 text-xs text-ink-faint">
          <span>
            {t("updated")} <Moment at={workflow.updated_at} />
          </span>
          {workflow.version === 0 ? <Badge tone="warning">{t("neverPublished")}</Badge> : workflow.has_draft ? <Badge tone="info">{t("hasDraft")}</Badge> : null}
          {[...new Set(workflow.trigger_types)].map((type) => (
            <Badge key={type}>{type.replaceAll("_", " ")}</Badge>
          ))}
        </p>
      </div>
      {workflow.last_execution ? (
        <Link to="/executions/$executionId" params={{ executionId: workflow.last_execution.id }} className="rounded-full">
          <StatusBadge status={workflow.last_execution.status} />
          <span className="sr-only">{t("lastExecution", { workflow: workflow.name })}</span>
        </Link>
      ) : (
        <span className="text-xs text-ink-faint">{t("neverRan")}</span>
      )}
      <Switch label={t("activeSwitch", { workflow: workflow.name })} checked={workflow.active} disabled={!may || workflow.version === 0 || activate.isPending} onCheckedChange={(on) => activate.mutate(on)} />
      <Menu
        trigger={
          <Button look="ghost" className="w-9 px-0" aria-label={t("actionsFor", { workflow: workflow.name })}>
            <MoreHorizontal aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => void navigate({ to: "/workflows/$workflowId", params: { workflowId: workflow.id } })}>{t("open")}</MenuItem>
        <MenuItem onSelect={() => void navigate({ to: "/executions", search: { workflow: workflow.id } })}>{t("executions")}</MenuItem>
        {may ? <MenuItem onSelect={() => duplicate.mutate()}>{t("duplicate")}</MenuItem> : null}
        {may ? <MenuSeparator /> : null}
        {may ? (
          <MenuItem danger onSelect={() => void confirm({ title: t("deleteTitle", { workflow: workflow.name }), detail: t("deleteDetail"), action: t("delete"), danger: true }).then((yes) => yes && remove.mutate())}>
            {t("delete")}
          </MenuItem>
        ) : null}
      </Menu>
    </Card>
  );
}
