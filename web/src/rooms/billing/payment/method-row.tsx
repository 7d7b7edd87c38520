import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CreditCard } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Badge, Button, Card, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { brandName } from "../brand";
import { methodsQuery, type PaymentMethod } from "../billing-queries";

/** A card, and what can be done with it. */
export function MethodRow({ method, mayChange }: { method: PaymentMethod; mayChange: boolean }) {
  const t = useTranslations("billing");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const path = { params: { path: { method_id: method.id } } };
  const name = method.last4 ? t("cardName", { brand: brandName(method.brand ?? method.type), last4: method.last4 }) : method.type.replaceAll("_", " ");
  const choose = useMutation({
    mutationFn: () => body(api.PUT("/api/v1/billing/payment-methods/{method_id}/default", path)),
    onSuccess: (list) => queries.setQueryData(methodsQuery.queryKey, list),
    onError: toast.failed,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/billing/payment-methods/{method_id}", path),
    onError: toast.failed,
    onSettled: () => queries.invalidateQueries({ queryKey: methodsQuery.queryKey }),
  });
  const ask = async () => {
    if (await confirm({ title: t("removeCardTitle", { card: name }), detail: t("removeCardDetail"), action: t("remove"), danger: true })) remove.mutate();
  };
  return (
    <li>
      <Card className="flex flex-wrap items-center gap-x-4 gap-y-2 p-3 text-sm">
        <CreditCard aria-hidden className="size-5 text-ink-faint" />
        <div className="min-w-40 flex-1">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            {name}
            {method.is_default ? <Badge tone="accent">{t("isDefault")}</Badge> : null}
          </p>
          {method.exp_month && method.exp_year ? (
            <p className="text-[13px] text-ink-soft tabular-nums">{t("expires", { month: String(method.exp_month).padStart(2, "0"), year: String(method.exp_year) })}</p>
          ) : null}
        </div>
        {mayChange ? (
          <div className="flex gap-2">
            {method.is_default ? null : (
              <Button size="small" busy={choose.isPending} aria-label={t("makeDefaultNamed", { card: name })} onClick={() => choose.mutate()}>
                {t("makeDefault")}
              </Button>
            )}
            <Button size="small" look="danger" busy={remove.isPending} aria-label={t("removeNamed", { card: name })} onClick={() => void ask()}>
              {t("remove")}
            </Button>
          </div>
        ) : null}
      </Card>
    </li>
  );
}
