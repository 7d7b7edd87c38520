import { useTranslations } from "use-intl";
import { Badge, type Tone } from "@/ui";

const TONES: Record<string, Tone> = { succeeded: "success", refunded: "info", failed: "danger", requires_action: "warning" };
const STATUSES = ["succeeded", "refunded", "pending", "failed", "requires_action", "canceled"] as const;

/** How it stands with a payment, or with what was paid back. */
export function PaymentBadge({ status, refund = false }: { status: string; refund?: boolean }) {
  const t = useTranslations("billing.payments.statuses");
  const shown = refund && status === "succeeded" ? "refunded" : status;
  const known = STATUSES.find((one) => one === shown);
  return <Badge tone={TONES[shown] ?? "neutral"}>{known ? t(known) : shown.replaceAll("_", " ")}</Badge>;
}
