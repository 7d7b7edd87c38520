import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Cell, ErrorNotice, Field, HeadCell, Input, ListSkeleton, Table } from "@/ui";
import { InvoiceBadge } from "../invoices/invoice-badge";
import { Day } from "../day";
import { useMoney } from "../use-money";
import { ContractForm } from "./contract-form";
import { GiveBackDialog } from "./give-back-dialog";

/** For the administrator: find invoices of all workspaces, give back of them, and begin contracts. */
export function InstanceInvoicesTab() {
  const t = useTranslations("billing.payments");
  const billing = useTranslations("billing");
  const { money } = useMoney();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const found = useQuery({
    queryKey: ["instance", "invoices", query],
    queryFn: () => body(api.GET("/api/v1/instance/invoices", { params: { query: { query } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <section aria-label={t("found")} className="flex flex-col gap-3">
        <Field label={t("find")} hint={t("findHint")} className="max-w-md">
          <Input type="search" value={query} maxLength={100} onChange={(event) => setQuery(event.target.value)} />
        </Field>
        {found.isPending ? <ListSkeleton rows={3} /> : null}
        {found.error ? <ErrorNotice error={found.error} onRetry={() => void found.refetch()} /> : null}
        {found.data?.items.length === 0 ? <p className="text-sm text-ink-soft">{t("foundNone")}</p> : null}
        {found.data && found.data.items.length > 0 ? (
          <Table stacks label={t("found")}>
            <thead>
              <tr>
                <HeadCell>{billing("invoiceNumber")}</HeadCell>
                <HeadCell>{t("workspace")}</HeadCell>
                <HeadCell>{billing("date")}</HeadCell>
                <HeadCell className="text-right">{billing("amount")}</HeadCell>
                <HeadCell>{billing("status")}</HeadCell>
                <HeadCell>
                  <span className="sr-only">{billing("actions")}</span>
                </HeadCell>
              </tr>
            </thead>
            <tbody>
              {found.data.items.map((one) => (
                <tr key={one.id}>
                  <Cell>{one.number ?? one.id}</Cell>
                  <Cell className="max-w-48 truncate">{one.workspace_name}</Cell>
                  <Cell>
                    <Day at={one.created_at} />
                  </Cell>
                  <Cell className="text-right whitespace-nowrap tabular-nums">{money(one.total, one.currency)}</Cell>
                  <Cell>
                    <InvoiceBadge status={one.status} />
                  </Cell>
                  <Cell className="text-right">
                    {one.total > 0 && (one.status === "open" || one.status === "paid") ? (
                      <Button size="small" aria-label={t("giveBackNamed", { number: one.number ?? one.id })} onClick={() => setChosen(one.id)}>
                        {t("giveBack")}
                      </Button>
                    ) : null}
                  </Cell>
                </tr>
              ))}
            </tbody>
          </Table>
        ) : null}
      </section>
      <ContractForm />
      {chosen ? <GiveBackDialog id={chosen} onClose={() => setChosen(null)} /> : null}
    </>
  );
}
