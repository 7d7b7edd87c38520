import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Button, ErrorNotice, ListSkeleton } from "@/ui";
import { toast } from "@/ui/toast";
import type { TabProps } from "../billing-section";
import { leaveFor, methodsQuery } from "../billing-queries";
import { BankTransfer } from "../payments/bank-transfer";
import { PaymentHistory } from "../payments/payment-history";
import { BuyerPart } from "./buyer-part";
import { CreditsPart } from "./credits-part";
import { MethodRow } from "./method-row";

/** What is paid with, and whom invoices name. */
export function PaymentTab({ subscription }: TabProps) {
  const t = useTranslations("billing");
  const mayChange = useMay("billing:write");
  const methods = useQuery(methodsQuery);
  const add = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/payment-methods")),
    onSuccess: leaveFor,
    onError: toast.failed,
  });
  return (
    <>
      <section aria-label={t("methods")} className="flex max-w-2xl flex-col gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 className="text-base font-semibold">{t("methods")}</h2>
          {mayChange ? (
            <Button size="small" busy={add.isPending || add.isSuccess} onClick={() => add.mutate()}>
              <Plus aria-hidden />
              {t("addCard")}
            </Button>
          ) : null}
        </div>
        {methods.isPending ? <ListSkeleton rows={2} /> : null}
        {methods.error ? <ErrorNotice error={methods.error} onRetry={() => void methods.refetch()} /> : null}
        {methods.data?.items.length === 0 ? <p className="text-sm text-ink-soft">{t("noMethods")}</p> : null}
        {methods.data && methods.data.items.length > 0 ? (
          <ul aria-label={t("methods")} className="flex flex-col gap-2">
            {methods.data.items.map((method) => (
              <MethodRow key={method.id} method={method} mayChange={mayChange} />
            ))}
          </ul>
        ) : null}
      </section>
      <CreditsPart />
      {subscription.bank_transfer ? <BankTransfer transfer={subscription.bank_transfer} /> : null}
      {mayChange ? <BuyerPart /> : null}
      <PaymentHistory />
    </>
  );
}
