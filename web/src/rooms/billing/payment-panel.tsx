import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CreditCard } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { Badge, Button, Card, EmptyState, ErrorNotice, ListSkeleton, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { BuyerForm } from "./buyer-form";
import { BILLING, methodsQuery, type Subscription } from "./queries";

type Method = components["schemas"]["PaymentMethodOut"];

/** Cards, and whom invoices name. */
export function PaymentPanel({ mode }: { mode: Subscription["mode"] }) {
  const t = useTranslations("billing");
  const may = useMay("billing:write");
  const methods = useQuery(methodsQuery);
  const add = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/payment-methods")),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => toast.error(error.message),
  });
  if (methods.isPending) return <ListSkeleton rows={2} />;
  if (methods.error) return <ErrorNotice error={methods.error} onRetry={() => void methods.refetch()} />;
  const writes = may && mode !== "off";
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      {methods.data.items.length === 0 ? (
        <EmptyState icon={CreditCard} title={t("noCards")}>{t("noCardsHint")}</EmptyState>
      ) : (
        <ul className="flex flex-col gap-2" aria-label={t("cards")}>
          {methods.data.items.map((method) => (
            <li key={method.id}>
              <MethodCard method={method} />
            </li>
          ))}
        </ul>
      )}
      {writes ? (
        <Button className="self-start" busy={add.isPending} onClick={() => add.mutate()}>
          {t("addCard")}
        </Button>
      ) : null}
      {writes ? <BuyerForm /> : null}
    </div>
  );
}

function MethodCard({ method }: { method: Method }) {
  const t = useTranslations("billing");
  const may = useMay("billing:write");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const path = { method_id: method.id };
  const again = () => queries.invalidateQueries({ queryKey: [BILLING] });
  const choose = useMutation({
    mutationFn: () => body(api.PUT("/api/v1/billing/payment-methods/{method_id}/default", { params: { path } })),
    onSuccess: again,
    onError: (error) => toast.error(error.message),
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/billing/payment-methods/{method_id}", { params: { path } }),
    onSuccess: again,
    onError: (error) => toast.error(error.message),
  });
  const brand = method.brand ? method.brand.charAt(0).toUpperCase() + method.brand.slice(1) : method.type;
  const name = t("cardNamed", { brand, last4: method.last4 ?? "" });
  const ask = async () => {
    if (await confirm({ title: t("removeCard", { name }), action: t("remove"), danger: true })) remove.mutate();
  };
  return (
    <Card className="flex flex-wrap items-center gap-3 p-4 text-sm">
      <CreditCard aria-hidden className="size-5 text-ink-faint" />
      <span className="font-medium">{name}</span>
      <span className="text-ink-soft">{method.exp_month ? t("goodUntil", { month: `${String(method.exp_month).padStart(2, "0")}/${method.exp_year}` }) : null}</span>
      {method.is_default ? <Badge tone="accent">{t("charged")}</Badge> : null}
      {may ? (
        <span className="ml-auto flex gap-2">
          {method.is_default ? null : (
            <Button size="small" busy={choose.isPending} onClick={() => choose.mutate()}>
              {t("makeDefault")}
            </Button>
          )}
          <Button size="small" look="danger" busy={remove.isPending} onClick={() => void ask()} aria-label={t("removeCard", { name })}>
            {t("remove")}
          </Button>
        </span>
      ) : null}
    </Card>
  );
}
