import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "@/api/me";
import { ErrorNotice, Field, Input, ListSkeleton } from "@/ui";
import { useIsNarrow } from "@/ui/use-is-narrow";
import { plansQuery } from "../billing-queries";
import type { TabProps } from "../billing-section";
import { hasSubscription, type Terms } from "./plan-choice";
import { PlanCards } from "./plan-cards";
import { PlanTable } from "./plan-table";
import { TermsForm } from "./terms-form";
import { hasTrial } from "./trial";
import { usePlanSteps } from "./use-plan-steps";
import { useUseNow } from "./use-use-now";

/** The plans side by side, with what each would cost and the way to it. */
export function PlansTab({ subscription }: TabProps) {
  const t = useTranslations("billing");
  const mayChange = useMay("billing:write");
  const plans = useQuery(plansQuery);
  const isNarrow = useIsNarrow();
  const inUse = useUseNow(subscription);
  const subscribed = hasSubscription(subscription);
  const [terms, setTerms] = useState<Terms>({ interval: subscription.interval ?? "month", seats: subscription.seats ?? 1 });
  const [wanted, setWanted] = useState(subscription.currency);
  const [code, setCode] = useState("");
  const currency = subscribed ? subscription.currency : wanted;
  const steps = usePlanSteps(subscription, terms, currency, code);
  if (plans.isPending) return <ListSkeleton rows={5} />;
  if (plans.error) return <ErrorNotice error={plans.error} onRetry={() => void plans.refetch()} />;
  const shown = { plans: plans.data.items, subscription, terms, currency, inUse, mayChange, busy: steps.busy, onChoose: steps.choose };
  return (
    <>
      <TermsForm plans={plans.data.items} terms={terms} onTerms={setTerms} currency={currency} {...(subscribed ? {} : { onCurrency: setWanted })} />
      {mayChange && !subscribed ? (
        <Field label={t("tax.promotion")} hint={t("tax.promotionHint")} error={steps.codeError} className="max-w-72">
          <Input value={code} maxLength={100} autoCapitalize="characters" spellCheck={false} onChange={(event) => setCode(event.target.value)} />
        </Field>
      ) : null}
      {mayChange ? null : <p className="text-sm text-ink-soft">{t("onlyOwners")}</p>}
      {isNarrow ? <PlanCards {...shown} /> : <PlanTable {...shown} />}
      {shown.plans.some((plan) => hasTrial(plan, subscription)) ? <p className="text-[13px] text-ink-soft">{t("remedies.oneTrial")}</p> : null}
      <p className="text-[13px] text-ink-faint">{t("pricesHint")}</p>
      {steps.dialog}
    </>
  );
}
