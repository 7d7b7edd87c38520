import { Badge, type Tone } from "@/ui";
import { useNames } from "../names";

const TONES: Record<string, Tone> = { paid: "success", open: "warning", uncollectible: "danger" };

/** How it stands with an invoice. */
export function InvoiceBadge({ status }: { status: string }) {
  const names = useNames();
  return <Badge tone={TONES[status] ?? "neutral"}>{names.invoice(status)}</Badge>;
}
