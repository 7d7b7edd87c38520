import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { brandName } from "../brand";

/** Says what a payment was made with, and why it failed. */
export function usePaymentWords() {
  const t = useTranslations("billing.payments");
  const billing = useTranslations("billing");
  return {
    method: (method: components["schemas"]["PaidWithOut"] | null) => {
      if (!method?.type) return "–";
      if (method.type === "customer_balance") return t("transfer");
      const name = brandName(method.brand ?? method.type);
      return method.last4 ? billing("cardName", { brand: name, last4: method.last4 }) : name;
    },
    reason: (reason: string | null, message: string | null) => {
      const key = `reasons.${reason ?? ""}` as Parameters<typeof t.has>[0];
      return reason && t.has(key) ? t(key as "reasons.expired_card") : message;
    },
  };
}
