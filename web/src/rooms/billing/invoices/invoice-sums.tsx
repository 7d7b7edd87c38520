import { useFormatter, useTranslations } from "use-intl";
import type { InvoiceFacts } from "../billing-queries";
import { useMoney } from "../use-money";

interface Row {
  label: string;
  amount: number;
  strong?: boolean;
}

/** From the subtotal to what is still to be paid: the same rows as on the document. */
export function InvoiceSums({ facts, currency }: { facts: InvoiceFacts; currency: string }) {
  const rows = useRows(facts, currency);
  const { money } = useMoney();
  return (
    <dl className="ml-auto grid w-full max-w-96 grid-cols-[1fr_auto] gap-x-6 gap-y-1 [&_dd]:text-right [&_dd]:whitespace-nowrap [&_dd]:tabular-nums">
      {rows.map(({ label, amount, strong }) => (
        <div key={label} className={strong ? "contents font-semibold" : "contents"}>
          <dt className={strong ? "min-w-0 break-words" : "min-w-0 break-words text-ink-soft"}>{label}</dt>
          <dd>{money(amount, currency)}</dd>
        </div>
      ))}
    </dl>
  );
}

function useRows(facts: InvoiceFacts, currency: string): Row[] {
  const t = useTranslations("billing.invoiceFacts");
  const format = useFormatter();
  const { money } = useMoney();
  const percent = (rate: string) => format.number(Number(rate) / 100, { style: "percent", maximumFractionDigits: 3 });
  const named = (tax: InvoiceFacts["taxes"][number]) => [tax.name ?? t("tax"), tax.percentage ? percent(tax.percentage) : ""].filter(Boolean).join(" ");
  const of = (tax: InvoiceFacts["taxes"][number]) => (tax.net === null ? named(tax) : t(tax.is_inclusive ? "taxIncluded" : "taxOn", { tax: named(tax), net: money(tax.net, currency) }));
  const added = facts.taxes.filter((tax) => !tax.is_inclusive);
  return [
    ...(facts.subtotal === facts.net ? [] : [{ label: t("subtotal"), amount: facts.subtotal }]),
    ...facts.discounts.map((one) => ({
      label: [t("discount"), one.name, one.percent_off ? percent(one.percent_off) : ""].filter(Boolean).join(" "),
      amount: -one.amount,
    })),
    ...(added.length > 0 ? [{ label: t("net"), amount: facts.net }] : []),
    ...added.map((tax) => ({ label: of(tax), amount: tax.amount })),
    { label: t("total"), amount: facts.total, strong: true },
    ...facts.taxes.filter((tax) => tax.is_inclusive).map((tax) => ({ label: of(tax), amount: tax.amount })),
    ...facts.balance.map((move) => ({ label: t(`balance.${move.kind}`), amount: move.amount })),
    ...(facts.credited > 0 ? [{ label: t("credited"), amount: -facts.credited }] : []),
    ...(facts.paid > 0 ? [{ label: t("paid"), amount: -facts.paid }] : []),
    ...(facts.state === "void" ? [] : [{ label: t("remaining"), amount: facts.remaining, strong: true }]),
  ];
}
