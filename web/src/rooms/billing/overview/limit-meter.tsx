import { useId } from "react";
import { useLocale, useTranslations } from "use-intl";
import { Card, classes } from "@/ui";
import type { Limit } from "../billing-queries";
import { useDay } from "../day";
import { useNames } from "../names";
import { limitText } from "../quantity";
import { useMoney } from "../use-money";

const NEAR = 80;
const WHOLE = 100;

interface LimitMeterProps {
  limit: Limit;
  currency: string;
  endsAt: string;
}

/** How far a limit is used, where that leads to, and what happens then. */
export function LimitMeter({ limit, currency, endsAt }: LimitMeterProps) {
  const t = useTranslations("billing.meter");
  const names = useNames();
  const locale = useLocale();
  const day = useDay();
  const { money, thousand } = useMoney();
  const id = useId();
  const { included, ceiling, used, forecast } = limit;
  const amount = (value: number) => limitText(limit.name, value, locale);
  const share = included ? Math.min(WHOLE, (used * WHOLE) / included) : included === 0 ? WHOLE : 0;
  const full = ceiling !== null && used >= ceiling;
  // Where more is paid for, what ends is that, and the plan's own limit is behind.
  const isBeyond = ceiling !== null && included !== null && ceiling > included;
  const says = included === null ? t("unlimited", { used: amount(used) }) : t("usedOf", { used: amount(used), included: amount(included) });
  return (
    <Card className="flex flex-col gap-2 p-4 text-sm">
      <div className="flex items-baseline justify-between gap-2">
        <h3 id={id} className="font-medium">
          {names.limit(limit.name)}
        </h3>
        {included === null ? null : <span className="text-ink-soft tabular-nums">{Math.floor(included ? (used * WHOLE) / included : WHOLE)} %</span>}
      </div>
      {included === null ? null : (
        <div role="meter" aria-labelledby={id} aria-valuenow={Math.min(used, included)} aria-valuemin={0} aria-valuemax={included} aria-valuetext={says} className="h-2 overflow-hidden rounded-full bg-line">
          <div className={classes("h-full rounded-full", share >= WHOLE ? "bg-danger" : share >= NEAR ? "bg-warning" : "bg-accent")} style={{ width: `${share}%` }} />
        </div>
      )}
      <p className="tabular-nums">{says}</p>
      {included === null ? null : (
        <p className="text-[13px] text-ink-soft">
          {t("forecast", { amount: amount(forecast), day: day(endsAt) })} {full ? t(isBeyond ? "capFull" : "full") : limit.reached_at ? t(isBeyond ? "capReached" : "reached", { day: day(limit.reached_at) }) : null}
        </p>
      )}
      {limit.overage > 0 || limit.overage_amount_forecast > 0 ? (
        <p className="text-[13px] tabular-nums">
          {t("overageSoFar", {
            quantity: amount(limit.overage),
            amount: money(limit.overage_amount, currency),
            forecast: money(limit.overage_amount_forecast, currency),
            day: day(endsAt),
          })}
        </p>
      ) : null}
      {included === null ? null : (
        <p className="text-[13px] text-ink-soft">
          {limit.at_limit === "overage"
            ? t("overage", { cap: amount(limit.overage_cap), price: limit.overage_price ? thousand(limit.overage_price, currency) : "–" })
            : t(limit.at_limit)}
        </p>
      )}
    </Card>
  );
}
