import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { ErrorNotice, ListSkeleton } from "@/ui";
import { MonthCharts } from "./month-charts";
import { queryOf } from "./months";
import { MovementTable } from "./movement-table";
import { PlanFigures } from "./plan-figures";
import { RangeBar } from "./range-bar";
import { RevenueFigures } from "./revenue-figures";
import { useMonthName } from "./use-month-name";

/** What the instance earns: now or in a time, and month by month. */
export function FiguresTab() {
  const t = useTranslations("billing.revenueFigures");
  const format = useFormatter();
  const monthName = useMonthName();
  const { from, to } = useSearch({ from: "/app/settings/$section" });
  const [chosen, setChosen] = useState<string>();
  const asked = queryOf({ ...(from ? { from } : {}), ...(to ? { to } : {}) });
  const revenue = useQuery({
    queryKey: ["instance", "revenue", asked],
    placeholderData: keepPreviousData,
    queryFn: () => body(api.GET("/api/v1/instance/revenue", { params: { query: asked } })),
  });
  const found = revenue.data;
  const currencies = [...new Set((found?.months ?? []).flatMap((one) => [...Object.keys(one.movements), ...Object.keys(one.receipts.gross)]))].sort();
  const first = Object.entries(found?.monthly ?? {}).sort(([, one], [, other]) => other - one)[0]?.[0];
  const currency = chosen && currencies.includes(chosen) ? chosen : (first ?? currencies[0] ?? "usd");
  const day = (moment: string, before = 0) => format.dateTime(new Date(Date.parse(moment) - before), { dateStyle: "medium", timeZone: "UTC" });
  return (
    <>
      <RangeBar from={from} to={to} currencies={currencies} currency={currency} onCurrency={setChosen} />
      {revenue.isPending ? <ListSkeleton rows={4} /> : null}
      {revenue.error ? <ErrorNotice error={revenue.error} onRetry={() => void revenue.refetch()} /> : null}
      {found ? (
        <>
          <p className="text-sm text-ink-soft">
            <strong className="font-semibold text-ink">{t("span", { from: day(found.from), to: day(found.to, 1000) })}</strong>{" "}
            {t("hint", { months: t("span", { from: monthName(found.months[0]?.month ?? ""), to: monthName(found.months.at(-1)?.month ?? "") }) })}
          </p>
          <RevenueFigures revenue={found} />
          <MonthCharts months={found.months} currency={currency} />
          <MovementTable movements={found.movements} />
          <PlanFigures plans={found.plans} />
        </>
      ) : null}
    </>
  );
}
