import { useQuery } from "@tanstack/react-query";
import { Check, Minus } from "lucide-react";
import { useState } from "react";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { Badge, Card, ErrorNotice, ListSkeleton, Switch } from "@/ui";
import { money, unitMoney } from "./money";
import { planAction } from "./plan-action";
import { PlanButton } from "./plan-button";
import { plansQuery, type Interval, type Plan, type Subscription } from "./queries";

const LIMITS = [
  "executions",
  "ai_tokens",
  "api_calls",
  "storage_bytes",
  "active_workflows",
  "members",
  "retention_days",
  "sandbox_memory_mb",
  "timeout_seconds",
  "minimum_poll_seconds",
] as const;
const FEATURES = ["package_policy", "marketplace_publishing", "audit_log_export", "error_workflows", "priority_support"] as const;
type LimitName = (typeof LIMITS)[number];

/** The plans side by side, beside what the workspace uses now. */
export function PlanComparison({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const plans = useQuery(plansQuery);
  const [interval, setInterval] = useState<Interval>(subscription.interval ?? "month");
  if (plans.isPending) return <ListSkeleton rows={4} />;
  if (plans.error) return <ErrorNotice error={plans.error} onRetry={() => void plans.refetch()} />;
  const all = plans.data.items;
  const sold = all.some((one) => one.is_for_sale);
  return (
    <div className="flex flex-col gap-4">
      {sold ? (
        <div className="flex items-center gap-2 self-start text-sm">
          <Switch checked={interval === "year"} onCheckedChange={(yearly) => setInterval(yearly ? "year" : "month")} label={t("yearly")} />
          <span aria-hidden>{t("yearly")}</span>
        </div>
      ) : null}
      <ul className="grid gap-4 md:grid-cols-2 xl:grid-cols-4" aria-label={t("plans")}>
        {all.map((plan) => (
          <li key={plan.plan} className="flex">
            <PlanCard plan={plan} plans={all} subscription={subscription} interval={interval} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function PlanCard({ plan, plans, subscription, interval }: { plan: Plan; plans: readonly Plan[]; subscription: Subscription; interval: Interval }) {
  const t = useTranslations("billing");
  const action = planAction(plan, plans, subscription, interval);
  const current = action === "current" || action === "interval";
  return (
    <Card className={`flex w-full flex-col gap-4 p-5 ${current ? "border-accent" : ""}`}>
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-base font-semibold">{plan.name}</h3>
        {current ? <Badge tone="accent">{t("current")}</Badge> : null}
      </div>
      <p className="min-h-10 text-sm text-ink-soft">{plan.summary}</p>
      <Price plan={plan} interval={interval} currency={subscription.currency} />
      <PlanButton plan={plan} action={action} interval={interval} subscription={subscription} />
      <ul className="flex flex-col gap-1.5 text-[13px]">
        {LIMITS.map((name) => (
          <LimitRow key={name} name={name} value={plan.limits[name]} used={subscription.limits.find((one) => one.name === name)?.used} />
        ))}
        {FEATURES.map((name) => (
          <li key={name} className={`flex gap-2 ${plan.features[name] ? "" : "text-ink-faint"}`}>
            {plan.features[name] ? (
              <Check aria-label={t("included")} className="mt-0.5 size-4 shrink-0 text-success-text" />
            ) : (
              <Minus aria-label={t("notIncluded")} className="mt-0.5 size-4 shrink-0" />
            )}
            {t(`features.${name}`)}
          </li>
        ))}
      </ul>
      <Overage plan={plan} currency={subscription.currency} />
    </Card>
  );
}

function Price({ plan, interval, currency }: { plan: Plan; interval: Interval; currency: string }) {
  const t = useTranslations("billing");
  const locale = useLocale();
  const amount = plan.prices[interval]?.[currency];
  if (amount === undefined) return <p className="text-2xl font-semibold">{plan.plan === "enterprise" ? t("onRequest") : t("free")}</p>;
  const monthly = plan.prices.month?.[currency];
  const saved = interval === "year" && monthly ? monthly * 12 - amount : 0;
  return (
    <div>
      <p>
        <span className="text-2xl font-semibold tabular-nums">{money(amount, currency, locale)}</span>{" "}
        <span className="text-sm text-ink-soft">{interval === "month" ? t("aMonth") : t("aYear")}</span>
      </p>
      <p className="min-h-5 text-[13px] text-success-text">{saved > 0 ? t("saves", { amount: money(saved, currency, locale) }) : ""}</p>
    </div>
  );
}

function LimitRow({ name, value, used }: { name: LimitName; value: number | null; used: number | undefined }) {
  const t = useTranslations("billing");
  const text = useAmount();
  return (
    <li className="flex justify-between gap-3">
      <span className="text-ink-soft">{t(`limitNames.${name}`)}</span>
      <span className="text-right font-medium whitespace-nowrap tabular-nums">
        {value === null ? t("noLimit") : text(name, value)}
        {used === undefined ? null : <span className="block text-xs font-normal text-ink-faint">{t("usedNow", { count: used })}</span>}
      </span>
    </li>
  );
}

function useAmount(): (name: LimitName, value: number) => string {
  const format = useFormatter();
  return (name, value) => {
    if (name === "storage_bytes") return format.number(value / 2 ** 30, { style: "unit", unit: "gigabyte", maximumFractionDigits: 1 });
    if (name === "sandbox_memory_mb") return format.number(value, { style: "unit", unit: "megabyte" });
    if (name === "timeout_seconds" || name === "minimum_poll_seconds")
      return value >= 60
        ? format.number(value / 60, { style: "unit", unit: "minute" })
        : format.number(value, { style: "unit", unit: "second" });
    if (name === "retention_days") return format.number(value, { style: "unit", unit: "day" });
    return format.number(value);
  };
}

function Overage({ plan, currency }: { plan: Plan; currency: string }) {
  const t = useTranslations("billing");
  const locale = useLocale();
  const price = plan.overage.executions?.[currency];
  if (!price) return null;
  return <p className="mt-auto text-[13px] text-ink-faint">{t("beyond", { price: unitMoney(price, currency, locale) })}</p>;
}
