import { useLocale } from "use-intl";
import type { InvoiceFacts } from "../billing-queries";

/** Who sells or buys, as the document has it. */
export function InvoiceParty({ title, party }: { title: string; party: InvoiceFacts["buyer"] }) {
  const locale = useLocale();
  const countries = new Intl.DisplayNames(locale, { type: "region", fallback: "code" });
  const country = /^[A-Z]{2}$/.test(party.country) ? (countries.of(party.country) ?? party.country) : party.country;
  const lines = [...party.address, country, party.email, ...party.tax_ids].filter(Boolean);
  return (
    <div className="min-w-0">
      <dt>{title}</dt>
      <dd className="break-words">
        <bdi>{party.name || "–"}</bdi>
        {lines.map((line, at) => (
          <span key={`${at} ${line}`} className="block text-[13px] text-ink-soft">
            <bdi>{line}</bdi>
          </span>
        ))}
      </dd>
    </div>
  );
}
