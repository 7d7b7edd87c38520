import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Badge, Button } from "@/ui";
import { subscriptionQuery, type Invoice } from "../billing-queries";
import { Day } from "../day";
import { BankTransfer } from "../payments/bank-transfer";
import { PaymentBadge } from "../payments/payment-badge";
import { usePaymentWords } from "../payments/use-payment-words";
import { useMoney } from "../use-money";

const WENT_TO = ["refunded", "to_balance", "pre_payment"] as const;

/** What came and went of an invoice: every attempt, what was paid back, and credit notes. */
export function InvoiceMoney({ invoice }: { invoice: Invoice }) {
  const t = useTranslations("billing.payments");
  const words = usePaymentWords();
  const { money } = useMoney();
  return (
    <>
      {invoice.payments.length > 0 ? (
        <Part title={t("attempts")}>
          {invoice.payments.map((one) => (
            <Entry key={one.id} at={one.created_at} amount={money(one.amount, one.currency)}>
              <span className="flex flex-wrap items-center gap-2">
                {words.method(one.method)} <PaymentBadge status={one.status} />
                {one.dispute ? <Badge tone="danger">{t("disputed")}</Badge> : null}
              </span>
              {one.status === "failed" ? <span className="block text-[13px] text-ink-soft">{words.reason(one.reason, one.message)}</span> : null}
            </Entry>
          ))}
        </Part>
      ) : null}
      {invoice.refunds.length > 0 ? (
        <Part title={t("refunds")}>
          {invoice.refunds.map((one) => (
            <Entry key={one.id} at={one.created_at} amount={money(-one.amount, one.currency)}>
              <PaymentBadge status={one.status} refund />
            </Entry>
          ))}
        </Part>
      ) : null}
      {invoice.credit_notes.length > 0 ? (
        <Part title={t("creditNotes")}>
          {invoice.credit_notes.map((one) => (
            <Entry key={one.id} at={one.created_at} amount={money(-one.amount, one.currency)}>
              <span className="flex flex-wrap items-center gap-2 font-medium">
                {one.number}
                <Button asChild size="small">
                  <a href={`/api/v1/billing/credit-notes/${encodeURIComponent(one.id)}/pdf`} download aria-label={t("creditNotePdf", { number: one.number })}>
                    <Download aria-hidden />
                    PDF
                  </a>
                </Button>
              </span>
              <span className="block text-[13px] text-ink-soft">
                {WENT_TO.filter((name) => one[name] > 0)
                  .map((name) => `${money(one[name], one.currency)} ${t(`creditTo.${name}`)}`)
                  .join(", ")}
                {one.memo ? ` · ${one.memo}` : null}
              </span>
            </Entry>
          ))}
        </Part>
      ) : null}
    </>
  );
}

/** What is special about an invoice: when it is to be paid and where to, or that it is over. */
export function InvoiceState({ invoice }: { invoice: Invoice }) {
  const t = useTranslations("billing.payments");
  const subscription = useQuery(subscriptionQuery);
  const transfer = subscription.data?.bank_transfer;
  return (
    <>
      {invoice.status === "void" ? <p className="text-ink-soft">{t("isVoid")}</p> : null}
      {invoice.status === "uncollectible" ? <p className="text-ink-soft">{t("isUncollectible")}</p> : null}
      {invoice.status === "open" && invoice.collection_method === "send_invoice" && transfer ? <BankTransfer transfer={transfer} reference={invoice.number} /> : null}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-1">
      <h3 className="font-semibold">{title}</h3>
      <ul aria-label={title} className="flex flex-col divide-y divide-line">
        {children}
      </ul>
    </section>
  );
}

function Entry({ at, amount, children }: { at: string; amount: string; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-1 py-1.5">
      <span className="w-40 shrink-0 whitespace-nowrap text-ink-soft">
        <Day at={at} />
      </span>
      <span className="min-w-40 flex-1">{children}</span>
      <span className="tabular-nums">{amount}</span>
    </li>
  );
}
