import type { useFormatter, useTranslations } from "use-intl";
import { money } from "./money";
import type { Alert } from "./queries";

type Texts = ReturnType<typeof useTranslations<"billing">>;
type Format = ReturnType<typeof useFormatter>;
const LIMITS = ["executions", "ai_tokens", "api_calls", "storage_bytes"] as const;
const CHANGES = ["holds", "ends", "canceled", "unpaid", "paused"] as const;

/** What an alert says, in the reader's language. */
export function alertText(alert: Alert, t: Texts, format: Format, locale: string): string {
  const detail = alert.detail as Record<string, string | number>;
  const day = (seconds: unknown) => format.dateTime(new Date(Number(seconds) * 1000), { dateStyle: "long" });
  const plan = String(detail.plan ?? "");
  const named = plan.charAt(0).toUpperCase() + plan.slice(1);
  switch (alert.kind) {
    case "usage": {
      const limit = LIMITS.find((one) => one === detail.limit);
      const name = limit ? t(`limitNames.${limit}`) : String(detail.limit);
      return t("alert.usage", { share: Number(detail.share), name, used: format.number(Number(detail.used)), of: format.number(Number(detail.of)) });
    }
    case "payment_failed":
      return t("alert.payment_failed", { amount: money(Number(detail.amount), String(detail.currency), locale), number: String(detail.number) });
    case "card_expiring":
      return t("alert.card_expiring", { last4: String(detail.last4), month: `${String(detail.exp_month).padStart(2, "0")}/${detail.exp_year}` });
    case "trial_ending":
      return t("alert.trial_ending", { plan: named, day: day(detail.trial_end) });
    case "unusual_spend":
      return t("alert.unusual_spend", { today: format.number(Number(detail.today)), usual: format.number(Number(detail.usual)) });
    default: {
      const change = CHANGES.find((one) => one === detail.change) ?? "holds";
      return t(`alert.subscription.${change}`, { plan: named, day: detail.at ? day(detail.at) : "" });
    }
  }
}
