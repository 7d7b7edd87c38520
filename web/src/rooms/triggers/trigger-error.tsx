import { TriangleAlert } from "lucide-react";
import type { Trigger } from "./trigger-list-page";

/** Why a trigger's last check failed, and what to do about it; nothing where it went well. */
export function TriggerError({ trigger }: { trigger: Trigger }) {
  if (trigger.error === null) return null;
  const serious = trigger.state === "needs_attention";
  return (
    <div role="alert" className={`flex items-start gap-2 rounded-lg p-2 text-sm ${serious ? "bg-danger-soft text-danger-text" : "bg-warning-soft text-warning-text"}`}>
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 break-words">
        <p className="font-medium">{trigger.error.message}</p>
        {trigger.error.remedy ? <p>{trigger.error.remedy}</p> : null}
      </div>
    </div>
  );
}
