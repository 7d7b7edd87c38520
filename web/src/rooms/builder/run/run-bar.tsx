import { Link } from "@tanstack/react-router";
import { ExternalLink, Play, Square } from "lucide-react";
import { useTranslations } from "use-intl";
import type { LiveExecution } from "@/rooms/executions/live";
import { Button, StatusBadge } from "@/ui";
import { documentOf, useBuilder } from "../state/store";
import type { useRun } from "./use-run";

interface RunBarProps {
  live: LiveExecution;
  run: ReturnType<typeof useRun>;
}

/** Runs the workflow, and says how the last run goes. */
export function RunBar({ live, run }: RunBarProps) {
  const t = useTranslations("builder");
  const executionId = useBuilder((builder) => builder.executionId);
  const isEmpty = useBuilder((builder) => documentOf(builder).nodes.length === 0);
  const failedAt = useBuilder((builder) => {
    const id = live.error?.node_id;
    return id ? (documentOf(builder).nodes.find((node) => node.id === id)?.name ?? id) : null;
  });
  const running = executionId !== null && !live.ended;
  return (
    <div className="flex items-center gap-2">
      {executionId && live.status ? (
        <span className="flex items-center gap-1.5">
          <StatusBadge status={live.status} />
          <Button asChild size="small" look="ghost" className="hidden sm:inline-flex">
            <Link to="/executions/$executionId" params={{ executionId }} aria-label={t("showExecution")}>
              <ExternalLink aria-hidden />
            </Link>
          </Button>
        </span>
      ) : null}
      <span role="status" aria-live="polite" className="sr-only">
        {live.status ? (failedAt ? t("announceFailed", { node: failedAt, message: live.error?.message ?? "" }) : t("announce", { status: live.status })) : ""}
      </span>
      {running ? (
        <Button look="danger" onClick={() => run.cancel.mutate(executionId)}>
          <Square aria-hidden />
          {t("cancelRun")}
        </Button>
      ) : (
        <Button look="primary" busy={run.start.isPending} disabled={isEmpty} onClick={() => run.start.mutate({})}>
          <Play aria-hidden />
          {t("run")}
        </Button>
      )}
    </div>
  );
}
