import { useQuery } from "@tanstack/react-query";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Card, Cell, ErrorNotice, HeadCell, ListSkeleton, Table } from "@/ui";
import { money } from "./money";
import { OverridePanel } from "./override-panel";
import { BILLING } from "./queries";

/** What the instance earns, for its administrator. */
export function RevenueSection() {
  const t = useTranslations("billing");
  const format = useFormatter();
  const locale = useLocale();
  const revenue = useQuery({ queryKey: [BILLING, "revenue"], queryFn: () => body(api.GET("/api/v1/instance/revenue")), staleTime: 0 });
  if (revenue.isPending) return <ListSkeleton rows={4} />;
  if (revenue.error) return <ErrorNotice error={revenue.error} onRetry={() => void revenue.refetch()} />;
  const found = revenue.data;
  const sums = (amounts: Record<string, number>) =>
    Object.entries(amounts)
      .map(([currency, amount]) => money(amount, currency, locale))
      .join(" + ") || money(0, "usd", locale);
  const share = (part: number | null) => (part === null ? "–" : format.number(part, { style: "percent", maximumFractionDigits: 1 }));
  const figures: [string, string][] = [
    [t("revenue.monthly"), sums(found.monthly)],
    [t("revenue.received"), sums(found.received)],
    [t("revenue.paying"), format.number(found.paying)],
    [t("revenue.trialing"), format.number(found.trialing)],
    [t("revenue.pastDue"), format.number(found.past_due)],
    [t("revenue.new"), format.number(found.new)],
    [t("revenue.churn"), share(found.churn)],
    [t("revenue.conversion"), share(found.conversion)],
  ];
  return (
    <div className="flex max-w-5xl flex-col gap-5">
      <p className="text-sm text-ink-soft">{t("revenue.hint")}</p>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {figures.map(([name, value]) => (
          <Card key={name} className="p-4">
            <dt className="text-[13px] text-ink-soft">{name}</dt>
            <dd className="mt-1 text-lg font-semibold break-words tabular-nums">{value}</dd>
          </Card>
        ))}
      </dl>
      <Table label={t("revenue.byPlan")}>
        <thead>
          <tr>
            <HeadCell>{t("revenue.plan")}</HeadCell>
            <HeadCell className="text-right">{t("revenue.workspaces")}</HeadCell>
            <HeadCell className="text-right">{t("revenue.monthly")}</HeadCell>
            <HeadCell className="text-right">{t("meters.executions")}</HeadCell>
            <HeadCell className="text-right">{t("meters.api_calls")}</HeadCell>
          </tr>
        </thead>
        <tbody>
          {found.plans.map((one) => (
            <tr key={one.plan}>
              <Cell className="font-medium capitalize">{one.plan}</Cell>
              <Cell className="text-right tabular-nums">{format.number(one.workspaces)}</Cell>
              <Cell className="text-right tabular-nums">{sums(one.monthly)}</Cell>
              <Cell className="text-right tabular-nums">{format.number(one.usage.executions ?? 0)}</Cell>
              <Cell className="text-right tabular-nums">{format.number(one.usage.api_calls ?? 0)}</Cell>
            </tr>
          ))}
        </tbody>
      </Table>
      <OverridePanel />
    </div>
  );
}
