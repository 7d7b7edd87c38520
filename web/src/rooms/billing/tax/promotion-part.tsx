import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Problem } from "@/api/problem";
import { Button, ErrorNotice, Field, Form, Input, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Subscription } from "../billing-queries";
import { useMoney } from "../use-money";
import { useDiscountText } from "./use-discount-text";

const LIVING = new Set(["active", "trialing", "past_due", "unpaid"]);

/** The discounts of a subscription, and the way to one. */
export function PromotionPart({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing.tax");
  const mayChange = useMay("billing:write");
  const text = useDiscountText();
  const { money } = useMoney();
  const { discounts, discount, amount, interval, currency, status } = subscription;
  if (status === null || !LIVING.has(status)) return null;
  if (discounts.length === 0) return mayChange ? <RedeemForm /> : null;
  return (
    <section aria-label={t("discount")} className="flex flex-wrap items-center justify-between gap-3 border-t pt-3 text-sm">
      <div>
        {discounts.map((one) => (
          <p key={one.name}>
            <span className="font-medium">{text(one, currency)}</span> <span className="text-ink-soft">{one.code ?? one.name}</span>
          </p>
        ))}
        {discount && amount !== null && interval ? <p className="text-ink-soft">{t(`paidLess.${interval}`, { amount: money(amount - discount, currency) })}</p> : null}
      </div>
      {mayChange ? <TakeAway name={discounts[0]?.name ?? ""} /> : null}
    </section>
  );
}

function TakeAway({ name }: { name: string }) {
  const t = useTranslations("billing.tax");
  const refresh = useRefreshBilling();
  const confirm = useConfirm();
  const remove = useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/billing/promotion-code")),
    onSuccess: async () => {
      await refresh();
      toast.success(t("takenAway"));
    },
    onError: toast.failed,
  });
  const ask = async () => {
    if (await confirm({ title: t("takeAwayTitle", { name }), detail: t("takeAwayDetail"), action: t("takeAway"), danger: true })) remove.mutate();
  };
  return (
    <Button size="small" busy={remove.isPending} onClick={() => void ask()}>
      {t("takeAway")}
    </Button>
  );
}

function RedeemForm() {
  const t = useTranslations("billing.tax");
  const refresh = useRefreshBilling();
  const [open, setOpen] = useState(false);
  const [code, setCode] = useState("");
  const redeem = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/promotion-code", { body: { promotion_code: code.trim() } })),
    onSuccess: async () => {
      await refresh();
      toast.success(t("redeemed"));
    },
  });
  const wrong = redeem.error instanceof Problem ? redeem.error.at("/promotion_code") : undefined;
  if (!open)
    return (
      <Button size="small" look="ghost" className="self-start" onClick={() => setOpen(true)}>
        {t("haveCode")}
      </Button>
    );
  return (
    <Form className="flex flex-wrap items-start gap-2 border-t pt-3" onSubmit={() => redeem.mutate()}>
      <Field label={t("promotion")} hint={t("promotionLiving")} error={wrong} className="w-64">
        <Input value={code} maxLength={100} autoCapitalize="characters" spellCheck={false} onChange={(event) => setCode(event.target.value)} />
      </Field>
      <Button type="submit" className="mt-[26px]" busy={redeem.isPending} disabled={!code.trim()}>
        {t("redeem")}
      </Button>
      {redeem.error && !wrong ? <ErrorNotice error={redeem.error} /> : null}
    </Form>
  );
}
