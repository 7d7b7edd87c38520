import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Card, Checkbox, durationText, Moment } from "@/ui";
import type { ExecutionSummary } from "./execution-queries";
import { ExecutionStatus } from "./execution-status";
import { HeldHint } from "./held-hint";

interface ExecutionCardProps {
  row: ExecutionSummary;
  selected: boolean;
  onSelect: (on: boolean) => void;
}

/** An execution where there is no room for a table. */
export function ExecutionCard({ row, selected, onSelect }: ExecutionCardProps) {
  const t = useTranslations("executions");
  const version = row.source === "draft" ? t("draft") : t("version", { number: row.version ?? 0 });
  return (
    <li>
      <Card className="flex items-start gap-3 p-3">
        <Checkbox label={t("select", { workflow: row.workflow_name })} hideLabel checked={selected} onChange={(event) => onSelect(event.target.checked)} />
        <div className="flex min-w-0 flex-1 flex-col gap-1 text-sm">
          <div className="flex items-center justify-between gap-2">
            <Link to="/executions/$executionId" params={{ executionId: row.id }} className="truncate font-medium underline-offset-2 hover:underline">
              {row.workflow_name}
            </Link>
            <ExecutionStatus execution={row} />
          </div>
          <p className="flex flex-wrap gap-x-3 text-xs text-ink-soft">
            <Moment at={row.started_at ?? row.created_at} />
            <span className="tabular-nums">{durationText(row.duration_ms)}</span>
            <span>{row.manual ? t("byHand") : t("byTrigger")}</span>
            <span>{version}</span>
          </p>
          <HeldHint execution={row} className="text-xs" />
          {row.error ? <p className="truncate text-xs text-danger-text">{row.error.message}</p> : null}
        </div>
      </Card>
    </li>
  );
}
