import { Check, Minus } from "lucide-react";
import { useLocale, useTranslations } from "use-intl";
import type { Plan } from "../billing-queries";
import { limitText } from "../quantity";
import { useMoney } from "../use-money";

/** How much of a limit a plan includes for all seats, and what one more costs where that can be paid. */
export function LimitCell({ plan, name, currency, seats }: { plan: Plan; name: keyof Plan["limits"]; currency: string; seats: number }) {
  const t = useTranslations("billing");
  const locale = useLocale();
  const { thousand } = useMoney();
  const each = plan.limits[name];
  const amount = each !== null && plan.is_for_sale && plan.per_seat.includes(name) ? each * seats : each;
  const more = plan.overage[name]?.[currency];
  return (
    <>
      <span className="whitespace-nowrap tabular-nums">{amount === null ? t("unlimited") : limitText(name, amount, locale)}</span>
      {more ? <span className="block text-xs text-ink-faint">{t("thenEach", { price: thousand(more, currency) })}</span> : null}
    </>
  );
}

/** Whether a plan has something switched on, in a sign and in a word. */
export function FeatureCell({ on }: { on: boolean }) {
  const t = useTranslations("billing");
  return (
    <>
      {on ? <Check aria-hidden className="size-4 text-success-text" /> : <Minus aria-hidden className="size-4 text-ink-faint" />}
      <span className="sr-only">{on ? t("yes") : t("no")}</span>
    </>
  );
}
