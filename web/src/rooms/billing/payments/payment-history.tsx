import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { Badge, Card, Cell, ErrorNotice, HeadCell, ListSkeleton, Table } from "@/ui";
import { useIsNarrow } from "@/ui/use-is-narrow";
import { paymentsQuery, type PaymentEntry } from "../billing-queries";
import { Day } from "../day";
import { useMoney } from "../use-money";
import { PaymentBadge } from "./payment-badge";
import { usePaymentWords } from "./use-payment-words";

/** Every attempt to collect, those that failed included, and what was paid back. */
export function PaymentHistory() {
  const t = useTranslations("billing.payments");
  const billing = useTranslations("billing");
  const payments = useQuery(paymentsQuery);
  const isNarrow = useIsNarrow();
  return (
    <section aria-label={t("history")} className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">{t("history")}</h2>
      {payments.isPending ? <ListSkeleton rows={3} /> : null}
      {payments.error ? <ErrorNotice error={payments.error} onRetry={() => void payments.refetch()} /> : null}
      {payments.data?.items.length === 0 ? <p className="text-sm text-ink-soft">{t("historyEmpty")}</p> : null}
      {payments.data && payments.data.items.length > 0 ? (
        isNarrow ? (
          <ul aria-label={t("history")} className="flex flex-col gap-2">
            {payments.data.items.map((entry) => (
              <EntryCard key={entry.id} entry={entry} />
            ))}
          </ul>
        ) : (
          <Table stacks label={t("history")}>
            <thead>
              <tr>
                <HeadCell>{billing("date")}</HeadCell>
                <HeadCell>{t("what")}</HeadCell>
                <HeadCell>{t("invoice")}</HeadCell>
                <HeadCell>{t("paidWith")}</HeadCell>
                <HeadCell className="text-right">{billing("amount")}</HeadCell>
                <HeadCell>{billing("status")}</HeadCell>
              </tr>
            </thead>
            <tbody>
              {payments.data.items.map((entry) => (
                <EntryRow key={entry.id} entry={entry} />
              ))}
            </tbody>
          </Table>
        )
      ) : null}
    </section>
  );
}

function EntryStatus({ entry }: { entry: PaymentEntry }) {
  const t = useTranslations("billing.payments");
  const words = usePaymentWords();
  const why = entry.status === "failed" ? words.reason(entry.reason, entry.message) : null;
  return (
    <>
      <span className="flex flex-wrap gap-1">
        <PaymentBadge status={entry.status} refund={entry.kind === "refund"} />
        {entry.dispute ? <Badge tone="danger">{t("disputed")}</Badge> : null}
      </span>
      {why ? <span className="block text-[13px] text-ink-soft">{why}</span> : null}
    </>
  );
}

function useSigned() {
  const { money } = useMoney();
  return (entry: PaymentEntry) => money(entry.kind === "refund" ? -entry.amount : entry.amount, entry.currency);
}

function EntryRow({ entry }: { entry: PaymentEntry }) {
  const t = useTranslations("billing.payments");
  const words = usePaymentWords();
  const signed = useSigned();
  return (
    <tr>
      <Cell>
        <Day at={entry.created_at} />
      </Cell>
      <Cell>{t(`kinds.${entry.kind}`)}</Cell>
      <Cell>{entry.invoice_number ?? "–"}</Cell>
      <Cell>{words.method(entry.method)}</Cell>
      <Cell className="text-right whitespace-nowrap tabular-nums">{signed(entry)}</Cell>
      <Cell>
        <EntryStatus entry={entry} />
      </Cell>
    </tr>
  );
}

function EntryCard({ entry }: { entry: PaymentEntry }) {
  const t = useTranslations("billing.payments");
  const words = usePaymentWords();
  const signed = useSigned();
  return (
    <li>
      <Card className="flex flex-col gap-1 p-3 text-sm">
        <p className="flex justify-between gap-2 font-medium">
          <span>{t(`kinds.${entry.kind}`)}</span>
          <span className="tabular-nums">{signed(entry)}</span>
        </p>
        <p className="flex justify-between gap-2 text-[13px] text-ink-soft">
          <Day at={entry.created_at} />
          <span>{entry.invoice_number ?? words.method(entry.method)}</span>
        </p>
        <div>
          <EntryStatus entry={entry} />
        </div>
      </Card>
    </li>
  );
}
