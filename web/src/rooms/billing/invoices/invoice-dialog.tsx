import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { Dialog, ErrorNotice, ListSkeleton } from "@/ui";
import { invoiceQuery, type Invoice } from "../billing-queries";
import { Day, useDay } from "../day";
import { InvoiceActions } from "./invoice-actions";
import { InvoiceBadge } from "./invoice-badge";
import { InvoiceLines } from "./invoice-lines";
import { InvoiceMoney, InvoiceState } from "./invoice-money";
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
  const { facts: said } = invoice;
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
      <InvoiceLines lines={invoice.lines} currency={invoice.currency} />
      <InvoiceSums facts={said} currency={invoice.currency} />
      <InvoiceState invoice={invoice} />
      {said.is_reverse_charge ? <p className="text-ink-soft">{facts("reverseCharge")}</p> : null}
      <InvoiceMoney invoice={invoice} />
    </div>
  );
}
