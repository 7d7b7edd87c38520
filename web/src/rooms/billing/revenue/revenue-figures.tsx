import type { ReactNode } from "react";
import { useFormatter, useTranslations } from "use-intl";
import type { Revenue } from "../billing-queries";
import { Amounts } from "./amounts";

const COUNTS = ["paying", "trialing", "past_due", "ending", "workspaces", "new", "lost"] as const;

/** The figures of the last thirty days. */
export function RevenueFigures({ revenue }: { revenue: Revenue }) {
  const t = useTranslations("billing.revenue");
  const format = useFormatter();
  const percent = (value: number | null) => (value === null ? "–" : format.number(value, { style: "percent", maximumFractionDigits: 1 }));
  return (
    <dl className="grid grid-cols-2 gap-2 text-sm sm:grid-cols-3 lg:grid-cols-4">
      <Figure name={t("monthly")}>
        <Amounts amounts={revenue.monthly} />
      </Figure>
      <Figure name={t("received")}>
        <Amounts amounts={revenue.received} />
      </Figure>
      <Figure name={t("churn")}>{percent(revenue.churn)}</Figure>
      <Figure name={t("conversion")}>{percent(revenue.conversion)}</Figure>
      {COUNTS.map((one) => (
        <Figure key={one} name={t(`counts.${one}`)}>
          {format.number(revenue[one])}
        </Figure>
      ))}
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="rounded-xl border bg-surface px-3 py-2.5">
      <dt className="text-[13px] text-ink-soft">{name}</dt>
      <dd className="text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  );
}
