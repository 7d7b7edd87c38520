import { useTranslations } from "use-intl";
import type { Plan } from "../billing-queries";
import { useMoney } from "../use-money";
import { yearlySaving, type Terms } from "./plan-choice";

interface PlanPriceProps {
  plan: Plan;
  isSmallest: boolean;
  terms: Terms;
  currency: string;
}

/** What a plan costs a seat, and all of them; what a year saves. */
export function PlanPrice({ plan, isSmallest, terms, currency }: PlanPriceProps) {
  const t = useTranslations("billing");
  const { price } = useMoney();
  const amount = plan.prices[terms.interval]?.[currency];
  if (amount === undefined) {
    return <p className={isSmallest ? "text-lg font-semibold" : "text-sm font-medium text-ink-soft"}>{isSmallest ? price(0, currency) : plan.is_for_sale ? t("notSoldSo") : t("byAgreement")}</p>;
  }
  const saving = terms.interval === "year" ? yearlySaving(plan, currency) : null;
  return (
    <div>
      <p>
        <span className="text-lg font-semibold tabular-nums">{price(amount, currency)}</span>{" "}
        <span className="text-[13px] font-normal text-ink-soft">{t(`each.${terms.interval}`)}</span>
      </p>
      {terms.seats > 1 ? <p className="text-[13px] font-normal text-ink-soft">{t("forSeats", { count: terms.seats, amount: price(amount * terms.seats, currency) })}</p> : null}
      {saving ? <p className="text-[13px] font-normal text-success-text">{t("savesAmount", { amount: price(saving.amount * terms.seats, currency) })}</p> : null}
    </div>
  );
}
