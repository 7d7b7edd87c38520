import { useLocale, useTranslations } from "use-intl";
import type { Usage } from "../billing-queries";
import { useNames } from "../names";
import { meterText } from "../quantity";

/** What was used of each meter altogether. */
export function UsageTotals({ usage }: { usage: Usage }) {
  const t = useTranslations("billing");
  const names = useNames();
  const locale = useLocale();
  return (
    <section aria-label={t("totals")} className="flex flex-col gap-2">
      <h2 className="text-base font-semibold">{t("totals")}</h2>
      <dl className="grid grid-cols-2 gap-2 text-sm sm:grid-cols-3">
        {Object.entries(usage.totals).map(([meter, quantity]) => (
          <div key={meter} className="rounded-lg border bg-surface px-3 py-2">
            <dt className="text-[13px] text-ink-soft">{names.meter(meter)}</dt>
            <dd className="font-medium tabular-nums">{meterText(usage.units[meter] ?? "", quantity, locale)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
