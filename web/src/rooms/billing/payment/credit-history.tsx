import { useTranslations } from "use-intl";
import { Day } from "../day";
import { useNames } from "../names";
import { useMoney } from "../use-money";
import type { Credits } from "./credits-part";

/** What credits were used for, the newest first. */
export function CreditHistory({ history }: { history: Credits["history"] }) {
  const t = useTranslations("billing.credits");
  const names = useNames();
  const { money } = useMoney();
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-medium">{t("history")}</h3>
      <ul aria-label={t("history")} className="flex max-h-72 flex-col divide-y divide-line overflow-y-auto">
        {history.map((one, at) => (
          <li key={`${one.created_at}:${at}`} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2">
            <span>
              {one.kind === "voided" ? t("voided") : t(one.kind, { limit: one.limit ? names.limit(one.limit) : "–" })}, <Day at={one.created_at} />
            </span>
            <span className="tabular-nums">{money(-one.amount, one.currency)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
