import { ShieldAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { Moment } from "@/ui";
import type { Trigger } from "./trigger-list-page";

/** How many requests a webhook did not take, and why the last one; nothing where it took all. */
export function Refusals({ trigger }: { trigger: Trigger }) {
  const t = useTranslations("triggers");
  if (trigger.refused === 0) return null;
  return (
    <div role="status" aria-label={t("refusals")} className="flex items-start gap-2 rounded-lg bg-warning-soft p-2 text-sm text-warning-text">
      <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <p className="min-w-0 break-words">
        {t("refused", { count: trigger.refused })} {t("lastRefused")} <Moment at={trigger.last_refused_at} />: {trigger.last_refusal}
      </p>
    </div>
  );
}
