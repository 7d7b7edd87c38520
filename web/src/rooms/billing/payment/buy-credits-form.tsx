import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, Field, Form, Input } from "@/ui";
import { toast } from "@/ui/toast";
import { leaveFor } from "../billing-queries";
import { minorDigits } from "../money";
import { useMoney } from "../use-money";

const LEAST = 100;

/** Buys credits on Stripe's page. */
export function BuyCreditsForm({ currency }: { currency: string }) {
  const t = useTranslations("billing.credits");
  const { money } = useMoney();
  const [amount, setAmount] = useState("");
  const [tooLittle, setTooLittle] = useState(false);
  const digits = minorDigits(currency);
  const minor = Math.round(Number(amount) * 10 ** digits);
  const buy = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/credits", { body: { amount: minor } })),
    onSuccess: leaveFor,
    onError: (error) => {
      if (!(error instanceof Problem && error.at("/amount"))) toast.failed(error);
    },
  });
  const submit = () => {
    const enough = Number.isFinite(minor) && minor >= LEAST;
    setTooLittle(!enough);
    if (enough) buy.mutate();
  };
  const wrong = tooLittle ? t("tooLittle", { amount: money(LEAST, currency) }) : buy.error instanceof Problem ? buy.error.at("/amount") : undefined;
  return (
    <Form className="flex flex-wrap items-start gap-3" onSubmit={submit}>
      <Field label={t("buyLabel")} hint={t("buyHint", { currency: currency.toUpperCase() })} error={wrong}>
        <Input type="number" inputMode="decimal" min={0} step={10 ** -digits} value={amount} className="w-40" onChange={(event) => setAmount(event.target.value)} />
      </Field>
      <div className="sm:pt-[26px]">
        <Button type="submit" look="primary" busy={buy.isPending || buy.isSuccess} disabled={!amount}>
          {t("buy")}
        </Button>
      </div>
    </Form>
  );
}
