import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Send, Zap } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { useNodeTypesLater } from "@/rooms/builder/state/node-types";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import { Button, Card, CopyButton, EmptyState, ErrorNotice, ListSkeleton, Moment, Page, StatusBadge } from "@/ui";
import { Refusals } from "./refusals";
import { LATE_S, overdueIn } from "./overdue";
import { RunNowButton } from "./run-now-button";
import { useScheduleWords } from "./schedule-words";
import { StartTimes } from "./start-times";
import { TestEventDialog } from "./test-event-dialog";
import { TriggerError } from "./trigger-error";
import { TriggerLog } from "./trigger-log";

export type Trigger = components["schemas"]["TriggerOut"];

export function TriggerListPage() {
  const t = useTranslations("triggers");
  const triggers = useQuery({
    queryKey: ["triggers"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/triggers", { params: { query: { limit: 200, ...cursor } } }))),
    refetchInterval: (query) => overdueIn(query.state.data?.items ?? [], Date.now()),
  });
  return (
    <Page title={t("title")} summary={t("summary")}>
      {triggers.error ? <ErrorNotice error={triggers.error} onRetry={() => void triggers.refetch()} /> : null}
      {triggers.isPending ? <ListSkeleton /> : null}
      {triggers.data?.items.length === 0 ? (
        <EmptyState
          icon={Zap}
          title={t("none")}
          action={
            <Button asChild look="primary">
              <Link to="/workflows">{t("toWorkflows")}</Link>
            </Button>
          }
        >
          {t("noneHint")}
        </EmptyState>
      ) : null}
      <ul aria-label={t("title")} className="flex flex-col gap-2">
        {triggers.data?.items.map((trigger) => (
          <li key={trigger.id}>
            <TriggerCard trigger={trigger} />
          </li>
        ))}
      </ul>
    </Page>
  );
}

function TriggerCard({ trigger }: { trigger: Trigger }) {
  const t = useTranslations("triggers");
  const may = useMay("workflow:execute");
  const type = useNodeTypesLater().get(trigger.type);
  const [testing, setTesting] = useState(false);
  const facts: [string, React.ReactNode][] = [
    ...(trigger.webhook || type?.source === "webhook"
      ? // Among its newest executions there may be none of it although it was called: no "never" then.
        trigger.last_event_at
        ? ([[t("lastEvent"), <Moment key="e" at={trigger.last_event_at} />]] as [string, React.ReactNode][])
        : []
      : ([
          [t("lastEvent"), <Moment key="e" at={trigger.last_event_at} fallback={t("never")} />],
          [t("lastCheck"), <Moment key="c" at={trigger.last_check_at} fallback={t("never")} />],
          [t("nextCheck"), <Moment key="n" at={trigger.next_check_at} />],
        ] as [string, React.ReactNode][])),
    ...((trigger.lag_s ?? 0) > LATE_S ? ([[t("lag"), t("seconds", { seconds: Math.round(trigger.lag_s ?? 0) })]] as [string, React.ReactNode][]) : []),
  ];
  return (
    <Card className="flex flex-col gap-2 p-4">
      <div className="flex flex-wrap items-center gap-3">
        <span className="grid size-9 place-items-center rounded-lg bg-accent-soft text-accent-text">
          <NodeIcon icon={type?.icon ?? ""} className="size-5" />
        </span>
        <div className="min-w-40 flex-1">
          <h2 className="font-medium">{trigger.node_name}</h2>
          <Link to="/workflows/$workflowId" params={{ workflowId: trigger.workflow_id }} search={{ node: trigger.node_id }} className="text-sm text-accent-text underline underline-offset-2">
            {trigger.workflow_name}
          </Link>
        </div>
        <StatusBadge status={trigger.state} />
        {trigger.webhook === null && trigger.state !== "stopped" && may ? <RunNowButton trigger={trigger} /> : null}
        {trigger.webhook && may && trigger.state !== "stopped" ? (
          <Button size="small" onClick={() => setTesting(true)}>
            <Send aria-hidden />
            {t("sendTest")}
          </Button>
        ) : null}
      </div>
      {trigger.webhook ? (
        <p className="flex min-w-0 items-center gap-2 rounded-lg bg-sunken px-3 py-1 font-mono text-xs">
          <span className="font-semibold">{trigger.webhook.method}</span>
          <span className="min-w-0 flex-1 truncate">{trigger.webhook.url}</span>
          <CopyButton text={trigger.webhook.url} label={t("copyAddress")} />
        </p>
      ) : null}
      {facts.length > 0 ? (
        <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
          {facts.map(([name, value]) => (
            <div key={name} className="flex gap-1.5">
              <dt className="text-ink-faint">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {type?.keeps_time ? <ScheduleFacts trigger={trigger} /> : null}
      <TriggerError trigger={trigger} />
      <TriggerLog lines={trigger.log} />
      <Refusals trigger={trigger} />
      {testing ? <TestEventDialog trigger={trigger} onClose={() => setTesting(false)} /> : null}
    </Card>
  );
}

function ScheduleFacts({ trigger }: { trigger: Trigger }) {
  const words = useScheduleWords(trigger.params);
  return (
    <div className="flex flex-col gap-1">
      {words ? <p className="text-sm">{words}</p> : null}
      {trigger.next.length > 0 ? <StartTimes times={trigger.next} timezone={trigger.timezone} /> : null}
    </div>
  );
}
