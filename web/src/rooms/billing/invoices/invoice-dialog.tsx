import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { Dialog, ErrorNotice, ListSkeleton } from "@/ui";
import { invoiceQuery, type Invoice } from "../billing-queries";
import { Day, useDay } from "../day";
import { useMoney } from "../use-money";
import { InvoiceActions } from "./invoice-actions";
import { InvoiceBadge } from "./invoice-badge";
import { InvoiceLines } from "./invoice-lines";

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
      {...(invoice.data ? { footer: <InvoiceActions invoice={invoice.data} /> } : {})}
    >
      {invoice.isPending ? <ListSkeleton rows={3} /> : null}
      {invoice.error ? <ErrorNotice error={invoice.error} onRetry={() => void invoice.refetch()} /> : null}
      {invoice.data ? <InvoiceBody invoice={invoice.data} /> : null}
    </Dialog>
  );
}

function InvoiceBody({ invoice }: { invoice: Invoice }) {
  const t = useTranslations("billing");
  const day = useDay();
  const { money } = useMoney();
  const { currency, customer_address: address } = invoice;
  const lines = [address?.line1, address?.line2, [address?.postal_code, address?.city].filter(Boolean).join(" "), address?.state, address?.country].filter(Boolean);
  const sums = [
    ["subtotal", invoice.subtotal],
    ["tax", invoice.tax],
    ["total", invoice.total],
    ["amountPaid", invoice.amount_paid],
    ["amountDue", invoice.amount_due],
  ] as const;
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
          <dt>{t("date")}</dt>
          <dd>
            <Day at={invoice.created_at} />
          </dd>
        </div>
        <div>
          <dt>{t("paidOn")}</dt>
          <dd>
            <Day at={invoice.paid_at} />
          </dd>
        </div>
        <div>
          <dt>{t("billedTo")}</dt>
          <dd className="break-words">
            {invoice.customer_name ?? "–"}
            {lines.map((one) => (
              <span key={one} className="block text-[13px] text-ink-soft">
                {one}
              </span>
            ))}
          </dd>
        </div>
      </dl>
      {invoice.next_payment_attempt && invoice.status === "open" ? <p className="text-ink-soft">{t("nextAttempt", { day: day(invoice.next_payment_attempt) })}</p> : null}
      <InvoiceLines lines={invoice.lines} currency={currency} />
      <dl className="ml-auto grid w-full max-w-64 grid-cols-2 gap-y-1 [&_dd]:text-right [&_dd]:tabular-nums">
        {sums.map(([name, amount]) => (
          <div key={name} className="contents">
            <dt className="text-ink-soft">{t(`sums.${name}`)}</dt>
            <dd>{money(amount, currency)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
