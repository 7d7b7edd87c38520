import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { Dialog, ErrorNotice, ListSkeleton } from "@/ui";
import { invoiceQuery, type Invoice } from "../billing-queries";
import { Day, useDay } from "../day";
<<<<<<< HEAD
=======
import { useSumRows } from "../tax/sum-rows";
import { useMoney } from "../use-money";
>>>>>>> 3a97774 (Show tax, discounts and tax ids in the app, redeem promotion codes, and let administrators make them)
import { InvoiceActions } from "./invoice-actions";
import { InvoiceBadge } from "./invoice-badge";
import { InvoiceLines } from "./invoice-lines";
import { InvoiceParty } from "./invoice-party";
import { InvoiceSums } from "./invoice-sums";

/** One invoice, whole: whom it names, its lines, and what is behind those of usage. */
export function InvoiceDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useTranslations("billing");
  const invoice = useQuery(invoiceQuery(id));
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={t("invoiceTitle", { number: invoice.data?.number ?? id })}
      {...(invoice.data ? { footer: <InvoiceActions invoice={invoice.data} withReceipt /> } : {})}
    >
      {invoice.isPending ? <ListSkeleton rows={3} /> : null}
      {invoice.error ? <ErrorNotice error={invoice.error} onRetry={() => void invoice.refetch()} /> : null}
      {invoice.data ? <InvoiceBody invoice={invoice.data} /> : null}
    </Dialog>
  );
}

function InvoiceBody({ invoice }: { invoice: Invoice }) {
  const t = useTranslations("billing");
  const facts = useTranslations("billing.invoiceFacts");
  const day = useDay();
<<<<<<< HEAD
  const { facts: said } = invoice;
=======
  const { money } = useMoney();
  const { currency, customer_address: address } = invoice;
  const lines = [address?.line1, address?.line2, [address?.postal_code, address?.city].filter(Boolean).join(" "), address?.state, address?.country].filter(Boolean);
  const between = useSumRows();
  const sums: [string, number][] = [
    ...between(invoice),
    [t("sums.total"), invoice.total],
    [t("sums.amountPaid"), invoice.amount_paid],
    [t("sums.amountDue"), invoice.amount_due],
  ];
>>>>>>> 3a97774 (Show tax, discounts and tax ids in the app, redeem promotion codes, and let administrators make them)
  return (
    <div className="flex flex-col gap-4 pb-2 text-sm">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4 [&_dt]:text-[13px] [&_dt]:text-ink-soft">
        <div>
          <dt>{t("status")}</dt>
          <dd>
            <InvoiceBadge status={invoice.status} />
          </dd>
        </div>
        <div>
          <dt>{facts("issued")}</dt>
          <dd>
            <Day at={said.issued_at} />
          </dd>
        </div>
        <div>
          <dt>{facts("period")}</dt>
          <dd>{t("between", { from: day(invoice.period_start), to: day(invoice.period_end) })}</dd>
        </div>
        {said.due_at ? (
          <div>
            <dt>{facts("due")}</dt>
            <dd>
              <Day at={said.due_at} />
            </dd>
          </div>
        ) : (
          <div>
            <dt>{t("paidOn")}</dt>
            <dd>
              <Day at={invoice.amount_paid > 0 ? invoice.paid_at : null} />
            </dd>
          </div>
        )}
      </dl>
      <dl className="grid grid-cols-1 gap-3 sm:grid-cols-2 [&_dt]:text-[13px] [&_dt]:text-ink-soft">
        <InvoiceParty title={facts("seller")} party={said.seller} />
        <InvoiceParty title={t("billedTo")} party={said.buyer} />
      </dl>
      {invoice.next_payment_attempt && invoice.status === "open" ? <p className="text-ink-soft">{t("nextAttempt", { day: day(invoice.next_payment_attempt) })}</p> : null}
<<<<<<< HEAD
      <InvoiceLines lines={invoice.lines} currency={invoice.currency} />
      <InvoiceSums facts={said} currency={invoice.currency} />
      {said.is_reverse_charge ? <p className="text-ink-soft">{facts("reverseCharge")}</p> : null}
=======
      <InvoiceLines lines={invoice.lines} currency={currency} />
      <dl className="ml-auto grid w-full max-w-80 grid-cols-2 gap-y-1 [&_dd]:text-right [&_dd]:tabular-nums">
        {sums.map(([name, amount]) => (
          <div key={name} className="contents">
            <dt className="text-ink-soft">{name}</dt>
            <dd>{money(amount, currency)}</dd>
          </div>
        ))}
      </dl>
>>>>>>> 3a97774 (Show tax, discounts and tax ids in the app, redeem promotion codes, and let administrators make them)
    </div>
  );
}
