import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Activity } from "lucide-react";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import { useIsNarrow } from "@/ui/use-is-narrow";
import { Button, Cell, Checkbox, durationText, EmptyState, ErrorNotice, Field, HeadCell, Input, ListSkeleton, Moment, Page, Select, Table, useConfirm } from "@/ui";
import type { ExecutionSummary } from "./execution-queries";
import { ExecutionCard } from "./execution-card";
import { ExecutionStatus } from "./execution-status";
import { HeldHint } from "./held-hint";
import type { ExecutionSearch } from "./search";

const STATUSES = ["queued", "running", "waiting", "interrupted", "succeeded", "failed", "cancelled"] as const;
const PAGE = 50;
type Action = "retry" | "cancel" | "delete";

function useExecutions(search: ExecutionSearch) {
  return useInfiniteQuery({
    queryKey: ["executions", "list", search],
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) =>
      body(
        api.GET("/api/v1/executions", {
          params: {
            query: {
              limit: PAGE,
              ...(pageParam ? { cursor: pageParam } : {}),
              ...(search.workflow ? { workflow_id: search.workflow } : {}),
              ...(search.status ? { status: search.status as (typeof STATUSES)[number][] } : {}),
              ...(search.manual === undefined ? {} : { manual: search.manual }),
              ...(search.from ? { from: new Date(search.from).toISOString() } : {}),
              ...(search.to ? { to: new Date(search.to).toISOString() } : {}),
              ...(search.q ? { q: search.q } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function ExecutionListPage() {
  const t = useTranslations("executions");
  const ui = useTranslations("ui");
  const search = useSearch({ from: "/app/executions" });
  const executions = useExecutions(search);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const may = useMay("workflow:execute");
  const rows = executions.data?.pages.flatMap((page) => page.items) ?? [];
  const toggle = (id: string, on: boolean) => {
    const next = new Set(selected);
    if (on) next.add(id);
    else next.delete(id);
    setSelected(next);
  };
  const isNarrow = useIsNarrow();
  const filtered = Object.keys(search).length > 0;
  return (
    <Page title={t("title")} summary={t("summary")}>
      <Filters search={search} />
      {may && selected.size > 0 ? <BulkActions selected={selected} onDone={() => setSelected(new Set())} /> : null}
      {executions.error ? <ErrorNotice error={executions.error} onRetry={() => void executions.refetch()} /> : null}
      {executions.isPending ? <ListSkeleton /> : null}
      {executions.data && rows.length === 0 ? <Nothing filtered={filtered} goesOn={executions.hasNextPage} /> : null}
      {rows.length > 0 && isNarrow ? (
        <ul aria-label={t("title")} className="flex flex-col gap-2">
          {rows.map((row) => (
            <ExecutionCard key={row.id} row={row} selected={selected.has(row.id)} onSelect={(on) => toggle(row.id, on)} />
          ))}
        </ul>
      ) : null}
      {rows.length > 0 && !isNarrow ? (
        <Table label={t("title")}>
          <thead>
            <tr>
              <HeadCell className="w-8">
                <Checkbox
                  label={t("selectAll")}
                  hideLabel
                  checked={selected.size === rows.length}
                  onChange={(event) => setSelected(new Set(event.target.checked ? rows.map((row) => row.id) : []))}
                />
              </HeadCell>
              <HeadCell>{t("status")}</HeadCell>
              <HeadCell>{t("workflow")}</HeadCell>
              <HeadCell>{t("started")}</HeadCell>
              <HeadCell className="text-right">{t("duration")}</HeadCell>
              <HeadCell>{t("how")}</HeadCell>
              <HeadCell>{t("error")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} selected={selected.has(row.id)} onSelect={(on) => toggle(row.id, on)} />
            ))}
          </tbody>
        </Table>
      ) : null}
      {executions.hasNextPage ? (
        <Button className="self-center" busy={executions.isFetchingNextPage} onClick={() => void executions.fetchNextPage()}>
          {filtered ? t("searchOlder") : ui("more")}
        </Button>
      ) : null}
    </Page>
  );
}

/** A search looks through so many executions at once: that it found nothing may not be the end of it. */
function Nothing({ filtered, goesOn }: { filtered: boolean; goesOn: boolean }) {
  const t = useTranslations("executions");
  if (goesOn)
    return (
      <EmptyState icon={Activity} title={t("noMatchYet")}>
        {t("noMatchYetHint")}
      </EmptyState>
    );
  return (
    <EmptyState icon={Activity} title={filtered ? t("noMatch") : t("none")}>
      {filtered ? t("noMatchHint") : t("noneHint")}
    </EmptyState>
  );
}

function Row({ row, selected, onSelect }: { row: ExecutionSummary; selected: boolean; onSelect: (on: boolean) => void }) {
  const t = useTranslations("executions");
  const version = row.source === "draft" ? t("draft") : t("version", { number: row.version ?? 0 });
  return (
    <tr className="hover:bg-sunken/60">
      <Cell>
        <Checkbox label={t("select", { workflow: row.workflow_name })} hideLabel checked={selected} onChange={(event) => onSelect(event.target.checked)} />
      </Cell>
      <Cell>
        <ExecutionStatus execution={row} />
      </Cell>
      <Cell>
        <Link to="/executions/$executionId" params={{ executionId: row.id }} className="font-medium text-ink hover:text-accent-text hover:underline">
          {row.workflow_name}
        </Link>
        <span className="ml-2 text-xs text-ink-faint">{version}</span>
      </Cell>
      <Cell>
        <Moment at={row.started_at ?? row.created_at} />
      </Cell>
      <Cell className="text-right tabular-nums">{durationText(row.duration_ms)}</Cell>
      <Cell>{row.manual ? t("byHand") : t("byTrigger")}</Cell>
      <Cell className="max-w-64 truncate text-danger-text">
        {row.error?.message}
        <HeldHint execution={row} className="text-[13px] whitespace-normal" />
      </Cell>
    </tr>
  );
}

function Filters({ search }: { search: ExecutionSearch }) {
  const t = useTranslations("executions");
  const navigate = useNavigate({ from: "/executions" });
  const workflows = useQuery({
    queryKey: ["workflows", "names"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/workflows", { params: { query: { limit: 200, ...cursor } } }))),
  });
  const change = (patch: Partial<Record<keyof ExecutionSearch, unknown>>) =>
    void navigate({
      search: Object.fromEntries(Object.entries({ ...search, ...patch }).filter(([, value]) => value !== undefined && value !== "")) as ExecutionSearch,
      replace: true,
    });
  return (
    <div role="search" aria-label={t("filters")} className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
      <Field label={t("status")}>
        <Select value={search.status?.[0] ?? ""} onChange={(event) => change({ status: event.target.value ? [event.target.value] : undefined })}>
          <option value="">{t("any")}</option>
          {STATUSES.map((status) => (
            <StatusOption key={status} status={status} />
          ))}
        </Select>
      </Field>
      <Field label={t("workflow")}>
        <Select value={search.workflow ?? ""} onChange={(event) => change({ workflow: event.target.value })}>
          <option value="">{t("any")}</option>
          {workflows.data?.items.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("how")}>
        <Select
          value={search.manual === undefined ? "" : String(search.manual)}
          onChange={(event) => change({ manual: event.target.value === "" ? undefined : event.target.value === "true" })}
        >
          <option value="">{t("any")}</option>
          <option value="true">{t("byHand")}</option>
          <option value="false">{t("byTrigger")}</option>
        </Select>
      </Field>
      <Field label={t("from")}>
        <Input type="datetime-local" value={search.from ?? ""} onChange={(event) => change({ from: event.target.value })} />
      </Field>
      <Field label={t("to")}>
        <Input type="datetime-local" value={search.to ?? ""} onChange={(event) => change({ to: event.target.value })} />
      </Field>
      <Field label={t("errorContains")}>
        <Input type="search" defaultValue={search.q ?? ""} onBlur={(event) => change({ q: event.target.value })} onKeyDown={(event) => event.key === "Enter" && change({ q: event.currentTarget.value })} />
      </Field>
    </div>
  );
}

function StatusOption({ status }: { status: (typeof STATUSES)[number] }) {
  const t = useTranslations("ui.status");
  return <option value={status}>{t(status)}</option>;
}

function BulkActions({ selected, onDone }: { selected: ReadonlySet<string>; onDone: () => void }) {
  const t = useTranslations("executions");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const change = useMutation({
    mutationFn: (action: Action) => body(api.POST("/api/v1/execution-changes", { body: { action, ids: [...selected] } })),
    onSuccess: async (answer) => {
      toast.success(t("changed", { count: answer.done }));
      for (const one of answer.skipped.slice(0, 3)) toast.warning(one.reason);
      onDone();
      await queries.invalidateQueries({ queryKey: ["executions"] });
    },
    onError: toast.failed,
  });
  const act = async (action: Action) => {
    const count = selected.size;
    if (action !== "delete" || (await confirm({ title: t("deleteTitle", { count }), detail: t("deleteDetail"), action: t("delete"), danger: true }))) {
      change.mutate(action);
    }
  };
  return (
    <div role="toolbar" aria-label={t("selected", { count: selected.size })} className="flex flex-wrap items-center gap-2 rounded-lg border bg-surface p-2">
      <span className="px-1 text-sm">{t("selected", { count: selected.size })}</span>
      {(["retry", "cancel", "delete"] as const).map((action) => (
        <Button key={action} size="small" look={action === "delete" ? "danger" : "secondary"} busy={change.isPending} onClick={() => void act(action)}>
          {t(action)}
        </Button>
      ))}
    </div>
  );
}
