import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Pencil, RotateCcw, Square, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { readItems } from "@/rooms/data/items-json";
import { ReadOnlyCanvas } from "@/rooms/canvas/read-only-canvas";
import { whole, type WorkflowDocument } from "@/rooms/builder/state/document";
import { Button, Dialog, durationText, ErrorNotice, Field, Menu, MenuItem, Moment, Page, Textarea, useConfirm } from "@/ui";
import { previewQuery, type ExecutionPreview, type ItemPlace } from "./execution-queries";
import { ExecutionStatus } from "./execution-status";
import { isHeld } from "./held";
import { HeldNotice } from "./held-notice";
import { useLiveExecution, withStep, NOT_RUN } from "./live";
import { StepDetail } from "./step-detail";
import { StepList } from "./step-list";
import { StepError } from "./step-parts";
import { WaitNotices } from "./wait-notices";

const FINAL = new Set(["succeeded", "failed", "cancelled"]);

export function ExecutionPage() {
  const { executionId } = useParams({ from: "/app/executions/$executionId" });
  const { node } = useSearch({ from: "/app/executions/$executionId" });
  const t = useTranslations("executions");
  const queries = useQueryClient();
  const navigate = useNavigate({ from: "/executions/$executionId" });
  const execution = useSuspenseQuery(previewQuery(executionId)).data;
  const isOpen = !FINAL.has(execution.status);
  const live = useLiveExecution(isOpen ? executionId : null);
  useEffect(() => {
    if (live.ended || live.steps.size > 0) void queries.invalidateQueries({ queryKey: previewQuery(executionId).queryKey });
  }, [live.ended, live.steps, executionId, queries]);
  const states = useMemo(() => {
    const recorded = execution.steps.reduce(
      (known, step) =>
        withStep(known, {
          ...step,
          error: step.error ?? null,
          output_counts: Object.fromEntries(Object.entries(step.output_preview ?? {}).map(([port, one]) => [port, one.count])),
        }),
      NOT_RUN,
    );
    return new Map([...recorded.steps, ...live.steps]);
  }, [execution.steps, live.steps]);
  const document = useMemo(() => whole(execution.workflow as unknown as WorkflowDocument), [execution.workflow]);
  const nameOf = (id: string) => document.nodes.find((one) => one.id === id)?.name ?? id;
  const chosen = node ?? execution.error?.node_id ?? execution.steps.at(-1)?.node_id ?? null;
  const [jump, setJump] = useState<ItemPlace | null>(null);
  const choose = (nodeId: string) => void navigate({ search: { node: nodeId }, replace: true });
  const jumpTo = (place: ItemPlace) => {
    setJump(place);
    choose(place.node_id);
  };
  const jumped = jump?.node_id === chosen ? jump : null;
  const version = execution.source === "draft" ? t("draft") : t("version", { number: execution.version ?? 0 });
  return (
    <Page
      title={execution.workflow_name || t("execution")}
      summary={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1" role="status">
          <ExecutionStatus execution={{ status: live.status ?? execution.status, held_for: execution.held_for }} />
          <span>{version}</span>
          <Moment at={execution.started_at ?? execution.created_at} />
          <span className="tabular-nums">{durationText(execution.duration_ms)}</span>
          <span>{execution.manual ? t("byHand") : t("byTrigger")}</span>
        </span>
      }
      actions={<Actions execution={execution} chosen={chosen} />}
    >
      {isHeld(execution) ? <HeldNotice limit={execution.held_for} /> : null}
      {(live.status ?? execution.status) === "waiting" ? <WaitNotices executionId={executionId} steps={live.steps.size} nameOf={nameOf} /> : null}
      {execution.error ? <StepError error={execution.error} {...(execution.error.node_id ? { node: nameOf(execution.error.node_id) } : {})} /> : null}
      <div className="h-72 overflow-hidden rounded-xl border bg-surface sm:h-96">
        <ReadOnlyCanvas document={document} states={states} selected={chosen} onSelect={choose} />
      </div>
      <div className="grid gap-4 lg:grid-cols-[280px_1fr]">
        <StepList execution={execution} chosen={chosen} nameOf={nameOf} onChoose={choose} />
        {chosen ? (
          <StepDetail
            key={jumped ? JSON.stringify(jumped) : chosen}
            execution={execution}
            nodeId={chosen}
            name={nameOf(chosen)}
            liveLogs={live.logs}
            nameOf={nameOf}
            jump={jumped}
            onJump={jumpTo}
          />
        ) : null}
      </div>
    </Page>
  );
}

function Actions({ execution, chosen }: { execution: ExecutionPreview; chosen: string | null }) {
  const t = useTranslations("executions");
  const ui = useTranslations("ui");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const may = useMay("workflow:execute");
  const [editing, setEditing] = useState(false);
  const path = { params: { path: { execution_id: execution.id } } };
  const retry = useMutation({
    mutationFn: (wish: { version: "same" | "latest" | "draft"; from_node?: string }) =>
      body(api.POST("/api/v1/executions/{execution_id}/retry", { ...path, body: wish })),
    onSuccess: ({ execution_id }) => navigate({ to: "/executions/$executionId", params: { executionId: execution_id } }),
    onError: toast.failed,
  });
  const cancel = useMutation({
    mutationFn: () => body(api.POST("/api/v1/executions/{execution_id}/cancel", path)),
    onSuccess: () => queries.invalidateQueries({ queryKey: previewQuery(execution.id).queryKey }),
    onError: toast.failed,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/executions/{execution_id}", path),
    onSuccess: async () => {
      await navigate({ to: "/executions" });
      await queries.invalidateQueries({ queryKey: ["executions", "list"] });
    },
    onError: toast.failed,
  });
  const ended = FINAL.has(execution.status);
  if (!may) return null;
  const again = (version: "same" | "latest" | "draft") => retry.mutate({ version });
  return (
    <>
      <Button asChild>
        <Link to="/workflows/$workflowId" params={{ workflowId: execution.workflow_id }} search={{ execution: execution.id }}>
          <Pencil aria-hidden />
          {t("openInEditor")}
        </Link>
      </Button>
      {ended ? (
        <Menu
          trigger={
            <Button look="primary" busy={retry.isPending}>
              <RotateCcw aria-hidden />
              {t("retry")}
            </Button>
          }
        >
          <MenuItem onSelect={() => again("same")}>{t("retryFailedSame")}</MenuItem>
          <MenuItem onSelect={() => again("latest")}>{t("retryFailedLatest")}</MenuItem>
          <MenuItem onSelect={() => again("draft")}>{t("retryFailedDraft")}</MenuItem>
          {chosen ? <MenuItem onSelect={() => retry.mutate({ version: "same", from_node: chosen })}>{t("retryFromChosen")}</MenuItem> : null}
          <MenuItem onSelect={() => setEditing(true)}>{t("runWithOtherItems")}</MenuItem>
        </Menu>
      ) : (
        <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          <Square aria-hidden />
          {t("cancel")}
        </Button>
      )}
      {ended ? (
        <Button
          onClick={() => void confirm({ title: t("deleteTitle", { count: 1 }), detail: t("deleteDetail"), action: ui("delete"), danger: true }).then((yes) => yes && remove.mutate())}
        >
          <Trash2 aria-hidden />
          {ui("delete")}
        </Button>
      ) : null}
      {editing ? <OtherItems execution={execution} onClose={() => setEditing(false)} /> : null}
    </>
  );
}

function OtherItems({ execution, onClose }: { execution: ExecutionPreview; onClose: () => void }) {
  const t = useTranslations("executions");
  const navigate = useNavigate();
  const first = execution.steps[0]?.output_preview ?? {};
  const [text, setText] = useState(() => JSON.stringify(Object.values(first)[0]?.items ?? [{}], null, 2));
  const [wrong, setWrong] = useState<string>();
  const run = useMutation({
    mutationFn: (items: { [key: string]: unknown }[]) =>
      body(api.POST("/api/v1/executions/{execution_id}/retry", { params: { path: { execution_id: execution.id } }, body: { version: "latest", items } })),
    onSuccess: ({ execution_id }) => {
      onClose();
      void navigate({ to: "/executions/$executionId", params: { executionId: execution_id } });
    },
  });
  const submit = () => {
    try {
      const items = readItems(text, t("itemsShape"));
      setWrong(undefined);
      run.mutate(items);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={t("runWithOtherItems")}
      description={t("runWithOtherItemsDetail")}
      footer={
        <Button look="primary" busy={run.isPending} onClick={submit}>
          {t("run")}
        </Button>
      }
    >
      <Field label={t("itemsAsJson")} error={wrong}>
        <Textarea rows={16} className="font-mono text-xs" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      {run.error ? <ErrorNotice error={run.error} /> : null}
    </Dialog>
  );
}
