import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, ErrorNotice, Field, ListSkeleton, Select } from "@/ui";
import type { TabProps } from "../billing-section";
import { useNames } from "../names";
import { boundsOf, daysOf, RANGES, type Range } from "./range";
import { StorageKinds } from "./storage-kinds";
import { UsageChart } from "./usage-chart";
import { UsageTotals } from "./usage-totals";
import { UsageWorkflows } from "./usage-workflows";

/** What was used day by day, of which meter, and by which workflow. */
export function UsageTab({ subscription }: TabProps) {
  const t = useTranslations("billing");
  const names = useNames();
  const [range, setRange] = useState<Range>("period");
  const [meter, setMeter] = useState("executions");
  const [now] = useState(() => new Date());
  const bounds = boundsOf(range, subscription.usage_period_start, now);
  const usage = useQuery({
    queryKey: ["billing", "usage", bounds],
    placeholderData: keepPreviousData,
    queryFn: () => body(api.GET("/api/v1/billing/usage", { params: { query: { ...bounds, granularity: "day" } } })),
  });
  if (usage.isPending) return <ListSkeleton rows={4} />;
  if (usage.error) return <ErrorNotice error={usage.error} onRetry={() => void usage.refetch()} />;
  const kind = usage.data.units[meter] ?? "";
  return (
    <>
      <div className="flex flex-wrap items-end gap-3">
        <Field label={t("range")} className="min-w-40 flex-1 sm:max-w-56">
          <Select value={range} onChange={(event) => setRange(event.target.value as Range)}>
            {RANGES.map((one) => (
              <option key={one} value={one}>
                {one === "period" ? t("thisPeriod") : t("lastDays", { count: Number(one) })}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("meterChoice")} className="min-w-40 flex-1 sm:max-w-56">
          <Select value={meter} onChange={(event) => setMeter(event.target.value)}>
            {Object.keys(usage.data.units).map((one) => (
              <option key={one} value={one}>
                {names.meter(one)}
              </option>
            ))}
          </Select>
        </Field>
        <Button asChild>
          <a href={`/api/v1/billing/usage/export?${new URLSearchParams(bounds).toString()}`} download>
            <Download aria-hidden />
            {t("downloadCsv")}
          </a>
        </Button>
      </div>
      <UsageChart title={names.meter(meter)} kind={kind} days={daysOf(usage.data, meter)} />
      <StorageKinds />
      <UsageTotals usage={usage.data} />
      <UsageWorkflows usage={usage.data} meter={meter} kind={kind} />
    </>
  );
}
