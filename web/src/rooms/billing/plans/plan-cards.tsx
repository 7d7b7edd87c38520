import { useLocale, useTranslations } from "use-intl";
import { Card, classes } from "@/ui";
import type { Plan } from "../billing-queries";
import { useNames } from "../names";
import { limitText } from "../quantity";
import { PlanButton } from "./plan-button";
import { FeatureCell, LimitCell } from "./plan-cell";
import { PlanPrice } from "./plan-price";
import type { PlansShown } from "./plan-shown";
import { hasTrial } from "./trial";

/** The plans one below the other, where there is no room for columns. */
export function PlanCards(props: PlansShown) {
  const t = useTranslations("billing");
  const { plans, subscription } = props;
  const own = subscription.subscribed_plan ?? subscription.plan;
  return (
    <>
      <UsedNow inUse={props.inUse} />
      <ul aria-label={t("tabs.plans")} className="flex flex-col gap-3">
        {plans.map((plan, index) => (
          <li key={plan.plan}>
            <Card className={classes("flex flex-col gap-3 p-4 text-sm", plan.plan === own && "border-accent")}>
              <div className="flex items-start justify-between gap-3">
                <div>
                  <h2 className="text-base font-semibold">{plan.name}</h2>
                  <PlanPrice plan={plan} isSmallest={index === 0} terms={props.terms} currency={props.currency} />
                </div>
                <PlanButton {...props} plan={plan} />
              </div>
              <p className="text-ink-soft">{plan.summary}</p>
              {hasTrial(plan, subscription) ? <p className="text-[13px] text-ink-soft">{t("trialDays", { count: plan.trial_days })}</p> : null}
              <PlanList plan={plan} {...props} />
            </Card>
          </li>
        ))}
      </ul>
    </>
  );
}

function UsedNow({ inUse }: Pick<PlansShown, "inUse">) {
  const t = useTranslations("billing");
  const names = useNames();
  const locale = useLocale();
  return (
    <section aria-label={t("usedNow")} className="rounded-xl bg-sunken p-4 text-sm">
      <h2 className="mb-1.5 text-base font-semibold">{t("usedNow")}</h2>
      <dl className="flex flex-col gap-1.5">
        {[...inUse].map(([name, amount]) => (
          <div key={name} className="flex justify-between gap-3">
            <dt className="text-ink-soft">{names.limit(name)}</dt>
            <dd className="tabular-nums">{limitText(name, amount, locale)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function PlanList({ plan, currency, terms }: Pick<PlansShown, "currency" | "terms"> & { plan: Plan }) {
  const names = useNames();
  return (
    <dl className="flex flex-col gap-1.5 border-t pt-3">
      {(Object.keys(plan.limits) as (keyof Plan["limits"])[]).map((name) => (
        <div key={name} className="flex justify-between gap-3">
          <dt className="text-ink-soft">{names.limit(name)}</dt>
          <dd className="text-right">
            <LimitCell plan={plan} name={name} currency={currency} seats={terms.seats} />
          </dd>
        </div>
      ))}
      {(Object.keys(plan.features) as (keyof Plan["features"])[]).map((name) => (
        <div key={name} className="flex justify-between gap-3">
          <dt className="text-ink-soft">{names.feature(name)}</dt>
          <dd>
            <FeatureCell on={plan.features[name]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
