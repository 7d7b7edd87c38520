import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { Badge, Notice, type Tone } from "@/ui";

type Buyer = components["schemas"]["BuyerOut"];
type TaxId = Buyer["tax_ids"][number];
const TONES: Record<string, Tone> = { verified: "success", pending: "info", unverified: "danger", unavailable: "neutral" };

/** What the register says of the stored tax ids, and what is wrong with them. */
export function TaxIdNotices({ buyer }: { buyer: Buyer }) {
  const t = useTranslations("billing.tax");
  return (
    <>
      {buyer.needed.length > 0 ? <Notice tone="warning">{t("needed")}</Notice> : null}
      {buyer.tax_exempt === "reverse" ? <Notice tone="info">{t("reverseCharge")}</Notice> : null}
      {buyer.tax_ids.map((one) => (
        <StoredTaxId key={one.value} taxId={one} />
      ))}
    </>
  );
}

function StoredTaxId({ taxId: { value, verification, verified_name: name, fits_country: fits } }: { taxId: TaxId }) {
  const t = useTranslations("billing.tax");
  const state = verification === "pending" || verification === "verified" || verification === "unverified" ? verification : "unavailable";
  return (
    <>
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <span className="text-ink-soft">{t("stored")}</span>
        <span className="font-medium">{value}</span>
        <Badge tone={TONES[state] ?? "neutral"}>{t(`verification.${state}`)}</Badge>
        {name ? <span className="text-ink-soft">{t("verifiedAs", { name })}</span> : null}
      </p>
      {state === "unverified" ? <Notice tone="warning">{t("unverified", { value })}</Notice> : null}
      {fits ? null : <Notice tone="warning">{t("otherCountry", { value })}</Notice>}
    </>
  );
}
