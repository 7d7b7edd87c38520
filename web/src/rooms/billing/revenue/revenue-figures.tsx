import type { ReactNode } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { Help } from "@/ui";
import type { Revenue } from "../billing-queries";
import { Amounts } from "./amounts";

const MONEY = ["refunded", "outstanding", "tax", "overage", "credits_sold", "credits_used", "uncollectible"] as const;
const COUNTS = ["trialing", "past_due", "ending", "workspaces"] as const;

/** The figures of a time, with what is meant by each. */
export function RevenueFigures({ revenue }: { revenue: Revenue }) {
  const t = useTranslations("billing.revenueFigures");
  const format = useFormatter();
  const percent = (value: number | null) => (value === null ? "–" : format.number(value, { style: "percent", maximumFractionDigits: 1 }));
  const { receipts, churned, customers } = revenue;
  return (
    <dl className="grid grid-cols-2 gap-2 text-sm sm:grid-cols-3 lg:grid-cols-4">
      <Figure name={t("figures.monthly")} help={t("help.monthly")}>
        <Amounts amounts={revenue.monthly} />
      </Figure>
      <Figure name={t("figures.received")} help={t("help.received")}>
        <Amounts amounts={revenue.received} />
      </Figure>
      <Figure name={t("figures.arpa")} help={t("help.arpa")}>
        <Amounts amounts={revenue.arpa} />
      </Figure>
      <Figure name={t("figures.churn")} help={t("help.churn")}>
        {percent(revenue.churn)}
      </Figure>
      <Figure name={t("figures.trialConversion")} help={t("help.trialConversion")}>
        {percent(revenue.trials.conversion)}
      </Figure>
      <Figure name={t("figures.conversion")} help={t("help.conversion")}>
        {percent(revenue.conversion)}
      </Figure>
      <Figure name={t("figures.paying")} help={t("help.paying")}>
        {format.number(revenue.paying)}
      </Figure>
      <Figure name={t("figures.new")} help={t("help.new")}>
        {format.number(revenue.new)}
      </Figure>
      <Figure name={t("figures.lost")} help={t("help.lost", churned)}>
        {format.number(revenue.lost)}
      </Figure>
      <Figure name={t("figures.reactivated")} help={t("help.reactivated")}>
        {format.number(customers.reactivated)}
      </Figure>
      {COUNTS.map((one) => (
        <Figure key={one} name={t(`figures.${one}`)}>
          {format.number(revenue[one])}
        </Figure>
      ))}
      {MONEY.map((one) => (
        <Figure key={one} name={t(`figures.${one}`)} help={t(`help.${one}`)}>
          <Amounts amounts={receipts[one]} />
        </Figure>
      ))}
    </dl>
  );
}

function Figure({ name, help, children }: { name: string; help?: string; children: ReactNode }) {
  return (
    <div className="min-w-0 rounded-xl border bg-surface px-3 py-2.5">
      <dt className="flex min-h-6 items-center gap-1 text-[13px] text-ink-soft">
        {name}
        {help ? <Help of={name} text={help} /> : null}
      </dt>
      <dd className="text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  );
}
