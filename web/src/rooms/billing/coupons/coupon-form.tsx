import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, Card, Checkbox, ErrorNotice, Field, Form, Input, Select } from "@/ui";
import { toast } from "@/ui/toast";
import { plansQuery } from "../billing-queries";
import { couponOf, DURATIONS, EMPTY, type Draft, type Kind } from "./new-coupon";

/** Makes a code: what it takes off, for how long, and for whom. */
export function CouponForm() {
  const t = useTranslations("billing.tax");
  const queries = useQueryClient();
  const plans = useQuery(plansQuery);
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const set = (patch: Partial<Draft>) => setDraft({ ...draft, ...patch });
  const sold = plans.data?.items.filter((one) => one.is_for_sale) ?? [];
  const currencies = [...new Set(sold.flatMap((one) => Object.values(one.prices).flatMap((prices) => Object.keys(prices))))].sort();
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/v1/instance/coupons", { body: couponOf(draft) })),
    onSuccess: () => {
      toast.success(t("made", { code: draft.code.trim() }));
      setDraft(EMPTY);
      return queries.invalidateQueries({ queryKey: ["instance", "coupons"] });
    },
  });
  const wrong = (pointer: string) => (make.error instanceof Problem ? make.error.at(pointer) : undefined);
  const takesOff = draft.kind === "percent" ? draft.percent.trim() !== "" : Object.values(draft.amounts).some((one) => one.trim() !== "");
  return (
    <Card className="p-4">
      <Form aria-label={t("newCoupon")} className="grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-3" onSubmit={() => make.mutate()}>
        <Field label={t("code")} hint={t("codeHint")} error={wrong("/code")} required>
          <Input value={draft.code} maxLength={50} spellCheck={false} autoCapitalize="characters" onChange={(event) => set({ code: event.target.value })} />
        </Field>
        <Field label={t("name")} error={wrong("/name")}>
          <Input value={draft.name} maxLength={40} placeholder={draft.code} onChange={(event) => set({ name: event.target.value })} />
        </Field>
        <Field label={t("takesOff")}>
          <Select value={draft.kind} onChange={(event) => set({ kind: event.target.value as Kind })}>
            <option value="percent">{t("kinds.percent")}</option>
            <option value="amount">{t("kinds.amount")}</option>
          </Select>
        </Field>
        {draft.kind === "percent" ? (
          <Field label={t("percent")} error={wrong("/percent_off")} required>
            <Input type="number" min={0.01} max={100} step={0.01} value={draft.percent} onChange={(event) => set({ percent: event.target.value })} />
          </Field>
        ) : (
          currencies.map((currency) => (
            <Field key={currency} label={t("amountIn", { currency: currency.toUpperCase() })} hint={t("amountHint")} error={wrong(`/amounts_off/${currency}`)}>
              <Input
                type="number"
                min={0}
                step="any"
                value={draft.amounts[currency] ?? ""}
                onChange={(event) => set({ amounts: { ...draft.amounts, [currency]: event.target.value } })}
              />
            </Field>
          ))
        )}
        <Field label={t("lasts")} error={wrong("/duration")}>
          <Select value={draft.duration} onChange={(event) => set({ duration: event.target.value as Draft["duration"] })}>
            {DURATIONS.map((one) => (
              <option key={one} value={one}>
                {t(`durations.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
        {draft.duration === "repeating" ? (
          <Field label={t("months")} error={wrong("/duration_in_months")} required>
            <Input type="number" min={1} max={120} value={draft.months} onChange={(event) => set({ months: event.target.value })} />
          </Field>
        ) : null}
        <Field label={t("mostRedemptions")} hint={t("empty")} error={wrong("/max_redemptions")}>
          <Input type="number" min={1} step={1} value={draft.most} onChange={(event) => set({ most: event.target.value })} />
        </Field>
        <Field label={t("expires")} hint={t("empty")} error={wrong("/expires_at")}>
          <Input type="date" value={draft.expires} onChange={(event) => set({ expires: event.target.value })} />
        </Field>
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-[13px] font-medium">{t("forPlans")}</legend>
          {sold.map((one) => (
            <Checkbox
              key={one.plan}
              label={one.name}
              checked={draft.plans.includes(one.plan)}
              onChange={(event) => set({ plans: event.target.checked ? [...draft.plans, one.plan] : draft.plans.filter((name) => name !== one.plan) })}
            />
          ))}
          {draft.plans.length === 0 ? <p className="text-xs text-ink-faint">{t("noneChosen")}</p> : null}
        </fieldset>
        <Checkbox className="sm:pt-[26px]" label={t("firstOnly")} checked={draft.firstOnly} onChange={(event) => set({ firstOnly: event.target.checked })} />
        <div className="flex flex-col items-start gap-3 sm:col-span-2 lg:col-span-3">
          {make.error ? <ErrorNotice error={make.error} /> : null}
          <Button type="submit" look="primary" busy={make.isPending} disabled={!draft.code.trim() || !takesOff}>
            {t("make")}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
