import { useQuery } from "@tanstack/react-query";
import { ReceiptText } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Card, Cell, EmptyState, ErrorNotice, HeadCell, ListSkeleton, Table } from "@/ui";
import { useIsNarrow } from "@/ui/use-is-narrow";
import { invoicesQuery, type InvoiceSummary } from "../billing-queries";
import { Day } from "../day";
import { useMoney } from "../use-money";
import { InvoiceActions } from "./invoice-actions";
import { InvoiceBadge } from "./invoice-badge";
import { InvoiceDialog } from "./invoice-dialog";

/** Every invoice with when it was paid; each opens with its lines. */
export function InvoicesTab() {
  const t = useTranslations("billing");
  const invoices = useQuery(invoicesQuery);
  const isNarrow = useIsNarrow();
  const [shown, setShown] = useState<string | null>(null);
  if (invoices.isPending) return <ListSkeleton rows={4} />;
  if (invoices.error) return <ErrorNotice error={invoices.error} onRetry={() => void invoices.refetch()} />;
  const { items } = invoices.data;
  if (items.length === 0) {
    return (
      <EmptyState icon={ReceiptText} title={t("noInvoices")}>
        {t("noInvoicesHint")}
      </EmptyState>
    );
  }
  return (
    <>
      {isNarrow ? (
        <ul aria-label={t("tabs.invoices")} className="flex flex-col gap-2">
          {items.map((invoice) => (
            <InvoiceCard key={invoice.id} invoice={invoice} onShow={() => setShown(invoice.id)} />
          ))}
        </ul>
      ) : (
        <Table label={t("tabs.invoices")}>
          <thead>
            <tr>
              <HeadCell>{t("invoiceNumber")}</HeadCell>
              <HeadCell>{t("date")}</HeadCell>
              <HeadCell className="text-right">{t("amount")}</HeadCell>
              <HeadCell>{t("status")}</HeadCell>
              <HeadCell>{t("paidOn")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {items.map((invoice) => (
              <InvoiceRow key={invoice.id} invoice={invoice} onShow={() => setShown(invoice.id)} />
            ))}
          </tbody>
        </Table>
      )}
      {shown ? <InvoiceDialog id={shown} onClose={() => setShown(null)} /> : null}
    </>
  );
}

interface InvoiceProps {
  invoice: InvoiceSummary;
  onShow: () => void;
}

function InvoiceNumber({ invoice, onShow }: InvoiceProps) {
  return (
    <button type="button" className="font-medium underline-offset-2 hover:underline" onClick={onShow}>
      {invoice.number ?? invoice.id}
    </button>
  );
}

function InvoiceRow({ invoice, onShow }: InvoiceProps) {
  const { money } = useMoney();
  return (
    <tr>
      <Cell>
        <InvoiceNumber invoice={invoice} onShow={onShow} />
      </Cell>
      <Cell>
        <Day at={invoice.created_at} />
      </Cell>
      <Cell className="text-right whitespace-nowrap tabular-nums">{money(invoice.total, invoice.currency)}</Cell>
      <Cell>
        <InvoiceBadge status={invoice.status} />
      </Cell>
      <Cell>
        <Day at={invoice.paid_at} />
      </Cell>
      <Cell>
        <span className="flex justify-end gap-2">
          <InvoiceActions invoice={invoice} />
        </span>
      </Cell>
    </tr>
  );
}

function InvoiceCard({ invoice, onShow }: InvoiceProps) {
  const t = useTranslations("billing");
  const { money } = useMoney();
  return (
    <li>
      <Card className="flex flex-col gap-2 p-3 text-sm">
        <div className="flex items-center justify-between gap-2">
          <InvoiceNumber invoice={invoice} onShow={onShow} />
          <InvoiceBadge status={invoice.status} />
        </div>
        <p className="flex justify-between gap-2">
          <Day at={invoice.created_at} />
          <span className="font-medium tabular-nums">{money(invoice.total, invoice.currency)}</span>
        </p>
        {invoice.paid_at ? (
          <p className="text-[13px] text-ink-soft">
            {t("paidOn")} <Day at={invoice.paid_at} />
          </p>
        ) : null}
        <div className="flex gap-2">
          <InvoiceActions invoice={invoice} />
        </div>
      </Card>
    </li>
  );
}
