import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Problem } from "@/api/problem";
import { Button } from "@/ui";
import { toast } from "@/ui/toast";
import { leaveFor, useRefreshBilling, type InvoiceSummary } from "../billing-queries";

/** What can be done with an invoice: have it as a file, and pay it while it is open. */
export function InvoiceActions({ invoice, withReceipt = false }: { invoice: InvoiceSummary; withReceipt?: boolean }) {
  const t = useTranslations("billing");
  const mayPay = useMay("billing:write");
  const refresh = useRefreshBilling();
  const number = invoice.number ?? invoice.id;
  const pay = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/invoices/{invoice_id}/pay", { params: { path: { invoice_id: invoice.id } } })),
    onSuccess: () => toast.success(t("invoicePaid", { number })),
    onError: (error) => {
      const url = error instanceof Problem ? error.more.confirm_url : null;
      if (typeof url !== "string") return toast.failed(error);
      toast.info(t("payments.leaving"));
      leaveFor({ url });
    },
    onSettled: refresh,
  });
  return (
    <>
      {invoice.status === "open" && mayPay ? (
        <Button size="small" look="primary" busy={pay.isPending} aria-label={t("payNowNamed", { number })} onClick={() => pay.mutate()}>
          {t("payNow")}
        </Button>
      ) : null}
      <Button asChild size="small">
        <a href={`/api/v1/billing/invoices/${encodeURIComponent(invoice.id)}/pdf`} download aria-label={t("pdfNamed", { number })}>
          <Download aria-hidden />
          PDF
        </a>
      </Button>
      {withReceipt && invoice.amount_paid > 0 ? (
        <Button asChild size="small">
          <a href={`/api/v1/billing/invoices/${encodeURIComponent(invoice.id)}/pdf?document=receipt`} download aria-label={t("invoiceFacts.receiptNamed", { number })}>
            <Download aria-hidden />
            {t("invoiceFacts.receipt")}
          </a>
        </Button>
      ) : null}
    </>
  );
}
