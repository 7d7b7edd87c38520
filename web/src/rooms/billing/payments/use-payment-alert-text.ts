import { useTranslations } from "use-intl";
import type { Alert } from "../billing-queries";
import { useDay } from "../day";
import { useMoney } from "../use-money";

const SECOND_MS = 1000;

/** Says an alert about payments in a sentence; null of what is about something else. */
export function usePaymentAlertText(): (alert: Pick<Alert, "kind" | "detail">, plan: string) => string | null {
  const t = useTranslations("billing.payments.alerts");
  const day = useDay();
  const { money } = useMoney();
  return ({ kind, detail }, plan) => {
    const amount = money(Number(detail.amount ?? 0), String(detail.currency ?? "usd"));
    const number = String(detail.number ?? "–");
    switch (kind) {
      case "payment_action_required":
        return t("payment_action_required", { amount, number });
      case "change_dropped":
        return t("change_dropped", { plan });
      case "refund":
        return t(detail.what === "credited" ? "credited" : "refunded", { amount, number });
      case "invoice_due":
        return t(detail.overdue ? "invoice_overdue" : "invoice_due", { amount, number, day: day(Number(detail.due_date ?? 0) * SECOND_MS) });
      default:
        return null;
    }
  };
}
