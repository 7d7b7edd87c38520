import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, ReceiptText } from "lucide-react";
import { useState } from "react";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Badge, Button, Cell, EmptyState, ErrorNotice, HeadCell, ListSkeleton, Table, type Tone } from "@/ui";
import { toast } from "@/ui/toast";
import { InvoiceDialog } from "./invoice-dialog";
import { money } from "./money";
import { BILLING, invoicesQuery, type InvoiceSummary } from "./queries";

const STATES = ["draft", "open", "paid", "void", "uncollectible"] as const;
const TONES: Record<string, Tone> = { paid: "success", open: "warning", uncollectible: "danger" };

/** Every invoice, with its state, its lines and its PDF; the dates of payment are the history. */
export function InvoicePanel() {
  const t = useTranslations("billing");
  const invoices = useQuery(invoicesQuery);
  const [shown, setShown] = useState<string | null>(null);
  if (invoices.isPending) return <ListSkeleton rows={3} />;
  if (invoices.error) return <ErrorNotice error={invoices.error} onRetry={() => void invoices.refetch()} />;
  if (invoices.data.items.length === 0) return <EmptyState icon={ReceiptText} title={t("noInvoices")}>{t("noInvoicesHint")}</EmptyState>;
  return (
    <>
      <Table label={t("invoices")}>
        <thead>
          <tr>
            <HeadCell>{t("number")}</HeadCell>
            <HeadCell>{t("date")}</HeadCell>
            <HeadCell className="text-right">{t("amount")}</HeadCell>
            <HeadCell>{t("state")}</HeadCell>
            <HeadCell>{t("paidOn")}</HeadCell>
            <HeadCell>
              <span className="sr-only">{t("actions")}</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {invoices.data.items.map((invoice) => (
            <InvoiceRow key={invoice.id} invoice={invoice} onShow={() => setShown(invoice.id)} />
          ))}
        </tbody>
      </Table>
      {shown ? <InvoiceDialog invoiceId={shown} onClose={() => setShown(null)} /> : null}
    </>
  );
}

function InvoiceRow({ invoice, onShow }: { invoice: InvoiceSummary; onShow: () => void }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const locale = useLocale();
  const queries = useQueryClient();
  const may = useMay("billing:write");
  const pay = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/invoices/{invoice_id}/pay", { params: { path: { invoice_id: invoice.id } } })),
    onSuccess: () => toast.success(t("paid")),
    onError: (error) => toast.error(error.message),
    onSettled: () => queries.invalidateQueries({ queryKey: [BILLING] }),
  });
  const state = STATES.find((one) => one === invoice.status);
  const name = invoice.number ?? invoice.id;
  const day = (at: string) => format.dateTime(new Date(at), { dateStyle: "medium" });
  return (
    <tr>
      <Cell>
        <button type="button" onClick={onShow} className="font-medium text-accent-text hover:underline">
          {name}
        </button>
      </Cell>
      <Cell className="whitespace-nowrap">{day(invoice.created_at)}</Cell>
      <Cell className="text-right tabular-nums">{money(invoice.total, invoice.currency, locale)}</Cell>
      <Cell>
        <Badge tone={TONES[invoice.status] ?? "neutral"}>{state ? t(`invoiceState.${state}`) : invoice.status}</Badge>
      </Cell>
      <Cell className="whitespace-nowrap">{invoice.paid_at ? day(invoice.paid_at) : "–"}</Cell>
      <Cell>
        <div className="flex justify-end gap-2">
          {may && invoice.status === "open" ? (
            <Button size="small" look="primary" busy={pay.isPending} onClick={() => pay.mutate()}>
              {t("payNow")}
            </Button>
          ) : null}
          <Button asChild size="small">
            <a href={`/api/v1/billing/invoices/${encodeURIComponent(invoice.id)}/pdf`} download aria-label={t("pdfOf", { name })}>
              <Download aria-hidden />
              PDF
            </a>
          </Button>
        </div>
      </Cell>
    </tr>
  );
}
