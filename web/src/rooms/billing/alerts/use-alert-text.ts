import { useFormatter, useTranslations } from "use-intl";
import type { Alert } from "../billing-queries";
import { brandName } from "../brand";
import { useDay } from "../day";
import { useNames } from "../names";
import { usePaymentAlertText } from "../payments/use-payment-alert-text";
import { useMoney } from "../use-money";

const SECOND_MS = 1000;
const CHANGES = ["holds", "ends", "goes_on", "scheduled", "canceled", "unpaid", "paused", "second"] as const;
const ABOVE = ["since", "soon", "deactivated"] as const;

/** Says an alert in a sentence; plans are told by their names. */
export function useAlertText(planNames: ReadonlyMap<string, string>): (alert: Pick<Alert, "kind" | "detail">) => string {
  const t = useTranslations("billing.alertTexts");
  const payments = usePaymentAlertText();
  const names = useNames();
  const format = useFormatter();
  const day = useDay();
  const { money } = useMoney();
  return ({ kind, detail }) => {
    const text = (name: string) => String(detail[name] ?? "");
    const number = (name: string) => Number(detail[name] ?? 0);
    const plan = planNames.get(text("plan")) ?? text("plan");
    switch (kind) {
      case "usage": {
        const told = { limit: names.limit(text("limit")), used: format.number(number("used")), of: format.number(number("of")) };
        return number("share") >= 100 ? t("usageFull", told) : t("usage", { ...told, share: number("share") });
      }
      case "payment_failed":
        return t("payment_failed", { number: text("number") || "–", amount: money(number("amount"), text("currency") || "usd"), attempt: number("attempt") });
      case "card_expiring":
        return t("card_expiring", { brand: brandName(text("brand")), last4: text("last4"), month: text("exp_month").padStart(2, "0"), year: text("exp_year") });
      case "trial_ending":
        return t("trial_ending", { plan, day: day(number("trial_end") * SECOND_MS) });
      case "unusual_spend":
        return t("unusual_spend", { today: number("today"), usual: number("usual") });
      case "credits": {
        const amount = money(number("amount"), text("currency") || "usd");
        return detail.expires_at ? t("credits_expiring", { amount, day: day(number("expires_at") * SECOND_MS) }) : t("credits_low", { amount });
      }
      case "subscription": {
        const change = CHANGES.find((one) => one === detail.change);
        if (change === "ends" || change === "scheduled") return t(`subscription.${change}`, { plan, day: day(number("at") * SECOND_MS) });
        return change ? t(`subscription.${change}`, { plan }) : names.alert(kind);
      }
      case "above_limits": {
        const change = ABOVE.find((one) => one === detail.change);
        const told = { plan, day: day(number("at") * SECOND_MS), count: number("number"), limit: number("limit") };
        return change ? t(`above_limits.${change}`, told) : names.alert(kind);
      }
      default:
        return payments({ kind, detail }, plan) ?? names.alert(kind);
    }
  };
}
