import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import { Button, Dialog, ErrorNotice, Field, Input, ListSkeleton, Select } from "@/ui";
import { toast } from "@/ui/toast";
import { minorUnits, minorText } from "../money";
import { useMoney } from "../use-money";

type Settled = components["schemas"]["SettledInvoice"];
type Way = "refund" | "credit";

/** Pays back, or credits, up to what is left of an invoice. */
export function GiveBackDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useTranslations("billing.payments");
  const path = { params: { path: { invoice_id: id } } };
  const invoice = useQuery({
    queryKey: ["instance", "invoices", "one", id],
    queryFn: () => body(api.GET("/api/v1/instance/invoices/{invoice_id}", path)),
    staleTime: 0,
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("giveBackTitle", { number: invoice.data?.number ?? "…" })}>
      {invoice.isPending ? <ListSkeleton rows={2} /> : null}
      {invoice.error ? <ErrorNotice error={invoice.error} onRetry={() => void invoice.refetch()} /> : null}
      {invoice.data ? <GiveBackForm invoice={invoice.data} onClose={onClose} /> : null}
    </Dialog>
  );
}

function GiveBackForm({ invoice, onClose }: { invoice: Settled; onClose: () => void }) {
  const t = useTranslations("billing.payments");
  const { money } = useMoney();
  const queries = useQueryClient();
  const { currency, left } = invoice;
  const [way, setWay] = useState<Way>(left.refund > 0 ? "refund" : "credit");
  const most = left[way];
  const [text, setText] = useState(() => minorText(left.refund || left.credit, currency));
  const [reason, setReason] = useState("");
  const amount = minorUnits(text, currency);
  const path = { params: { path: { invoice_id: invoice.id } } };
  const give = useMutation({
    mutationFn: () => {
      const wish = { amount: amount ?? 0, reason: reason.trim() };
      return way === "refund"
        ? body(api.POST("/api/v1/instance/invoices/{invoice_id}/refund", { ...path, body: wish }))
        : body(api.POST("/api/v1/instance/invoices/{invoice_id}/credit", { ...path, body: wish }));
    },
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["instance"] });
      await queries.invalidateQueries({ queryKey: ["billing"] });
      if (made) toast.success(t(`given.${way}`, { amount: money(made.amount, made.currency) }));
      onClose();
    },
  });
  const wrong = (pointer: string) => (give.error instanceof Problem ? give.error.at(pointer) : undefined);
  return (
    <form
      className="flex flex-col gap-3 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate();
      }}
    >
      <p className="text-sm text-ink-soft">
        {t("leftToRefund", { amount: money(left.refund, currency) })} {t("leftToCredit", { amount: money(left.credit, currency) })}
      </p>
      <Field label={t("how")}>
        <Select value={way} onChange={(event) => setWay(event.target.value as Way)}>
          <option value="refund">{t("ways.refund")}</option>
          <option value="credit">{t("ways.credit")}</option>
        </Select>
      </Field>
      <Field label={t("amount")} hint={t("amountHint", { amount: money(most, currency) })} error={wrong("/amount")}>
        <Input inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      <Field label={t("reason")} hint={t("reasonHint")} error={wrong("/reason")}>
        <Input value={reason} maxLength={100} onChange={(event) => setReason(event.target.value)} />
      </Field>
      {give.error && !wrong("/amount") ? <ErrorNotice error={give.error} /> : null}
      <Button type="submit" look="primary" busy={give.isPending} disabled={!amount || !reason.trim()} className="self-start">
        {t("give", { amount: amount ? money(amount, currency) : "–" })}
      </Button>
    </form>
  );
}
