import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { Cell, Dialog, ErrorNotice, HeadCell, ListSkeleton, Table } from "@/ui";
import { money } from "./money";
import { BILLING } from "./queries";

type Line = components["schemas"]["InvoiceLine"];

/** The lines of an invoice; one of usage leads to the executions behind it. */
export function InvoiceDialog({ invoiceId, onClose }: { invoiceId: string; onClose: () => void }) {
  const t = useTranslations("billing");
  const locale = useLocale();
  const invoice = useQuery({
    queryKey: [BILLING, "invoices", invoiceId],
    queryFn: () => body(api.GET("/api/v1/billing/invoices/{invoice_id}", { params: { path: { invoice_id: invoiceId } } })),
  });
  const found = invoice.data;
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={t("invoiceNamed", { number: found?.number ?? "" })}>
      {invoice.isPending ? <ListSkeleton rows={3} /> : null}
      {invoice.error ? <ErrorNotice error={invoice.error} /> : null}
      {found ? (
        <div className="flex flex-col gap-4">
          <p className="text-sm text-ink-soft">{[found.customer_name, found.customer_email].filter(Boolean).join(" · ")}</p>
          <Table label={t("lines")}>
            <thead>
              <tr>
                <HeadCell>{t("description")}</HeadCell>
                <HeadCell className="text-right">{t("quantity")}</HeadCell>
                <HeadCell className="text-right">{t("amount")}</HeadCell>
              </tr>
            </thead>
            <tbody>
              {found.lines.map((line) => (
                <LineRow key={line.id} line={line} currency={found.currency} onLeave={onClose} />
              ))}
            </tbody>
          </Table>
          <dl className="ml-auto grid grid-cols-[1fr_max-content] gap-x-8 gap-y-1 text-sm tabular-nums">
            <dt className="text-ink-soft">{t("subtotal")}</dt>
            <dd className="text-right">{money(found.subtotal, found.currency, locale)}</dd>
            {found.tax > 0 ? (
              <>
                <dt className="text-ink-soft">{t("tax")}</dt>
                <dd className="text-right">{money(found.tax, found.currency, locale)}</dd>
              </>
            ) : null}
            <dt className="font-semibold">{t("total")}</dt>
            <dd className="text-right font-semibold">{money(found.total, found.currency, locale)}</dd>
            <dt className="text-ink-soft">{t("due")}</dt>
            <dd className="text-right">{money(found.amount_due, found.currency, locale)}</dd>
          </dl>
        </div>
      ) : null}
    </Dialog>
  );
}

function LineRow({ line, currency, onLeave }: { line: Line; currency: string; onLeave: () => void }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const locale = useLocale();
  const day = (at: string) => format.dateTime(new Date(at), { dateStyle: "medium" });
  return (
    <tr>
      <Cell>
        {line.description}
        <span className="block text-xs text-ink-faint">{t("fromTo", { from: day(line.period_start), to: day(line.period_end) })}</span>
        {line.usage.length > 0 ? (
          <ul className="mt-1 text-[13px]">
            {line.usage.map((one) => (
              <li key={one.workflow_id ?? ""}>
                {one.workflow_id && line.limit === "executions" ? (
                  <Link
                    to="/executions"
                    search={{ workflow: one.workflow_id, from: line.period_start, to: line.period_end }}
                    onClick={onLeave}
                    className="text-accent-text hover:underline"
                  >
                    {one.name ?? t("goneWorkflow")}
                  </Link>
                ) : (
                  (one.name ?? t("goneWorkflow"))
                )}
                : {format.number(one.quantity)}
              </li>
            ))}
          </ul>
        ) : null}
      </Cell>
      <Cell className="text-right align-top tabular-nums">{line.quantity === null ? "" : format.number(line.quantity)}</Cell>
      <Cell className="text-right align-top tabular-nums">{money(line.amount, currency, locale)}</Cell>
    </tr>
  );
}
