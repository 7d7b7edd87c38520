import { useTranslations } from "use-intl";
import { Card, classes, durationText, StatusBadge } from "@/ui";
import type { ExecutionPreview, StepPreview } from "./execution-queries";

interface StepListProps {
  execution: ExecutionPreview;
  chosen: string | null;
  nameOf: (nodeId: string) => string;
  onChoose: (nodeId: string) => void;
}

/** The steps in their order, each with a bar of how long it took. */
export function StepList({ execution, chosen, nameOf, onChoose }: StepListProps) {
  const t = useTranslations("executions");
  const longest = Math.max(1, ...execution.steps.map(took));
  return (
    <Card className="max-h-[32rem] overflow-y-auto p-1.5">
      <h2 className="px-2 py-1 text-xs font-medium text-ink-faint">{t("steps")}</h2>
      <ol>
        {execution.steps.map((step) => (
          <li key={`${step.node_id}:${step.run_index}`}>
            <button
              type="button"
              aria-current={step.node_id === chosen || undefined}
              onClick={() => onChoose(step.node_id)}
              className={classes("flex w-full flex-col gap-1 rounded-lg px-2 py-1.5 text-left", step.node_id === chosen ? "bg-accent-soft" : "hover:bg-sunken")}
            >
              <span className="flex w-full items-center justify-between gap-2 text-sm">
                <span className="truncate">
                  {nameOf(step.node_id)}
                  {step.run_index > 0 ? <span className="text-ink-faint"> · {step.run_index + 1}</span> : null}
                </span>
                <StatusBadge status={step.status} />
              </span>
              <span className="flex w-full items-center gap-2 text-xs text-ink-soft">
                <span aria-hidden className="h-1 flex-1 overflow-hidden rounded bg-sunken">
                  <span className="block h-full rounded bg-accent" style={{ width: `${(took(step) / longest) * 100}%` }} />
                </span>
                <span className="tabular-nums">{durationText(step.finished_at ? took(step) : null)}</span>
                {step.attempt > 1 ? <span>{t("attempt", { number: step.attempt })}</span> : null}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function took(step: StepPreview): number {
  return step.finished_at ? Date.parse(step.finished_at) - Date.parse(step.started_at) : 0;
}
