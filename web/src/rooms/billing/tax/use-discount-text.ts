import { useTranslations } from "use-intl";
import type { Subscription } from "../billing-queries";
import { useDay } from "../day";
import { useMoney } from "../use-money";

type Discount = Subscription["discounts"][number];

/** A discount in words, such as "25 % off until 30 April 2026". */
export function useDiscountText(): (discount: Discount, currency: string) => string {
  const t = useTranslations("billing.tax");
  const day = useDay();
  const { money } = useMoney();
  return (discount, currency) => {
    const what = discount.percent_off === null ? money(discount.amount_off ?? 0, currency) : `${String(Number(discount.percent_off))} %`;
    if (discount.duration === "once") return t("offOnce", { what });
    return discount.ends_at ? t("offUntil", { what, day: day(discount.ends_at) }) : t("off", { what });
  };
}
