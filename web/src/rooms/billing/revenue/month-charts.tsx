import { useFormatter, useTranslations } from "use-intl";
import { Chart, Help, type ChartRow, type Series } from "@/ui";
import type { Revenue } from "../billing-queries";
import { minorDigits } from "../money";
import { useMoney } from "../use-money";
import { useMonthName } from "./use-month-name";

type Month = Revenue["months"][number];
const MOVED = { new: "--success", expansion: "--info", reactivated: "--accent", contraction: "--warning", churned: "--danger" } as const;

/** Month by month: how revenue moved, who left, what trials became, and what was paid. */
export function MonthCharts({ months, currency }: { months: readonly Month[]; currency: string }) {
  const t = useTranslations("billing.revenueFigures");
  const format = useFormatter();
  const { money } = useMoney();
  const monthName = useMonthName();
  const ofMoney = (value: number, short: boolean) =>
    short ? format.number(value / 10 ** minorDigits(currency), { notation: "compact", maximumFractionDigits: 1 }) : money(value, currency);
  const ofPart = (value: number, short: boolean) => format.number(value, { style: "percent", maximumFractionDigits: short ? 0 : 1 });
  const ofCount = (value: number) => format.number(value);
  const rows = (values: (month: Month) => ChartRow["values"]): ChartRow[] =>
    months.map((one) => ({ label: one.is_over ? monthName(one.month) : t("now", { month: monthName(one.month) }), values: values(one) }));
  const series = (key: string, name: string, color: string, kind: Series["kind"] = "bar"): Series => ({ key, name, color: `var(${color})`, kind });
  const shared = { labelName: t("month"), empty: t("nothing") };
  const help = (name: "movement" | "churns" | "trials" | "money", title: string) => <Help of={title} text={t(`help.${name}`)} />;
  return (
    <div className="grid gap-3 xl:grid-cols-2">
      <Chart
        {...shared}
        title={t("charts.monthly")}
        help={<Help of={t("charts.monthly")} text={t("help.monthly")} />}
        format={ofMoney}
        series={[series("monthly", t("series.closing"), "--accent")]}
        rows={rows(({ monthly }) => ({ monthly: monthly[currency] ?? 0 }))}
      />
      <Chart
        {...shared}
        title={t("charts.movement")}
        help={help("movement", t("charts.movement"))}
        format={ofMoney}
        series={Object.entries(MOVED).map(([key, color]) => series(key, t(`movement.${key as keyof typeof MOVED}`), color))}
        rows={rows(({ movements }) => {
          const own = movements[currency];
          return Object.fromEntries((Object.keys(MOVED) as (keyof typeof MOVED)[]).map((name) => [name, own?.[name] ?? 0]));
        })}
      />
      <Chart
        {...shared}
        title={t("charts.money")}
        help={help("money", t("charts.money"))}
        format={ofMoney}
        series={[
          series("received", t("series.received"), "--success"),
          series("refunded", t("series.refunded"), "--danger"),
          series("kept", t("series.kept"), "--ink", "line"),
        ]}
        rows={rows(({ receipts }) => ({
          received: receipts.gross[currency] ?? 0,
          refunded: -(receipts.refunded[currency] ?? 0),
          kept: receipts.net[currency] ?? 0,
        }))}
      />
      <Chart
        {...shared}
        title={t("charts.churn")}
        help={help("churns", t("charts.churn"))}
        format={ofPart}
        series={[
          series("customers", t("series.customers"), "--danger", "line"),
          series("gross", t("series.gross"), "--warning", "line"),
          series("net", t("series.net"), "--info", "line"),
        ]}
        rows={rows(({ churn, movements }) => ({
          customers: churn,
          gross: movements[currency]?.gross_churn ?? null,
          net: movements[currency]?.net_churn ?? null,
        }))}
      />
      <Chart
        {...shared}
        title={t("charts.trials")}
        help={help("trials", t("charts.trials"))}
        format={ofCount}
        series={[series("converted", t("series.converted"), "--success"), series("left", t("series.left"), "--line-strong")]}
        rows={rows(({ trials }) => ({ converted: trials.converted, left: trials.ended - trials.converted }))}
      />
    </div>
  );
}
