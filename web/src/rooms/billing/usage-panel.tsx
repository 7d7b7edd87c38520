import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChartColumn, Download } from "lucide-react";
import { useState } from "react";
import { useFormatter, useNow, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Card, Cell, EmptyState, ErrorNotice, Field, HeadCell, ListSkeleton, Select, Table } from "@/ui";
import { BILLING, type Subscription } from "./queries";
import { UsageChart } from "./usage-chart";

const METERS = [
  "executions",
  "steps",
  "ai_input_tokens",
  "ai_output_tokens",
  "ai_cost",
  "api_calls",
  "storage_byte_hours",
  "sandbox_cpu_ms",
  "egress_bytes",
] as const;
type Meter = (typeof METERS)[number];
const RANGES = ["period", "7", "30", "90"] as const;
const DAY_MS = 86_400_000;

/** What was used, by day, by meter and by workflow. */
export function UsagePanel({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const [meter, setMeter] = useState<Meter>("executions");
  const [range, setRange] = useState<(typeof RANGES)[number]>("period");
  const today = Math.floor(useNow().getTime() / DAY_MS) * DAY_MS;
  const from = range === "period" ? subscription.usage_period_start : new Date(today - (Number(range) - 1) * DAY_MS).toISOString();
  const usage = useQuery({
    queryKey: [BILLING, "usage", from],
    queryFn: () => body(api.GET("/api/v1/billing/usage", { params: { query: { from, granularity: "day" } } })),
    placeholderData: keepPreviousData,
  });
  if (usage.isPending) return <ListSkeleton rows={4} />;
  if (usage.error) return <ErrorNotice error={usage.error} onRetry={() => void usage.refetch()} />;
  const { points, totals, workflows } = usage.data;
  const own = workflows.filter((one) => one.meter === meter);
  const byDay = new Map<string, number>();
  for (const point of points) if (point.meter === meter) byDay.set(point.start, (byDay.get(point.start) ?? 0) + point.quantity);
  return (
    <div className="flex max-w-5xl flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <Field label={t("meter")} className="w-52">
          <Select value={meter} onChange={(event) => setMeter(event.target.value as Meter)}>
            {METERS.map((one) => (
              <option key={one} value={one}>
                {t(`meters.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("range")} className="w-52">
          <Select value={range} onChange={(event) => setRange(event.target.value as (typeof RANGES)[number])}>
            {RANGES.map((one) => (
              <option key={one} value={one}>
                {one === "period" ? t("thisPeriod") : t("lastDays", { count: Number(one) })}
              </option>
            ))}
          </Select>
        </Field>
        <Button asChild className="ml-auto">
          <a href={`/api/v1/billing/usage/export?granularity=day&from=${encodeURIComponent(from)}`} download>
            <Download aria-hidden />
            {t("csv")}
          </a>
        </Button>
      </div>
      <Card className="p-5">
        <p className="text-sm text-ink-soft">{t(`meters.${meter}`)}</p>
        <p className="mb-4 text-2xl font-semibold tabular-nums">{format.number(totals[meter] ?? 0)}</p>
        <UsageChart from={from} byDay={byDay} label={t("chart", { meter: t(`meters.${meter}`) })} />
      </Card>
      {own.length === 0 ? (
        <EmptyState icon={ChartColumn} title={t("noUsage")}>{t("noUsageHint")}</EmptyState>
      ) : (
        <Table label={t("byWorkflow")}>
          <thead>
            <tr>
              <HeadCell>{t("workflow")}</HeadCell>
              <HeadCell className="text-right">{t(`meters.${meter}`)}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {own.map((one) => (
              <tr key={one.workflow_id}>
                <Cell>
                  {one.name === null ? (
                    <span className="text-ink-faint">{t("goneWorkflow")}</span>
                  ) : (
                    <Link to="/workflows/$workflowId" params={{ workflowId: one.workflow_id }} className="text-accent-text hover:underline">
                      {one.name}
                    </Link>
                  )}
                </Cell>
                <Cell className="text-right tabular-nums">{format.number(one.quantity)}</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  );
}
