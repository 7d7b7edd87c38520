import { useLocale, useTranslations } from "use-intl";
import { Cell, classes, Table } from "@/ui";
import type { Plan } from "../billing-queries";
import { useNames } from "../names";
import { limitText } from "../quantity";
import { PlanButton } from "./plan-button";
import { FeatureCell, LimitCell } from "./plan-cell";
import { PlanPrice } from "./plan-price";
import { hasTrial } from "./trial";
import type { PlansShown } from "./plan-shown";

const ROW = "border-b px-3 py-2 text-left font-normal text-ink-soft [tr:last-child>&]:border-b-0";

/** The plans in columns, every limit and feature in a row. */
export function PlanTable(props: PlansShown) {
  const { plans, subscription, terms, currency, inUse } = props;
  const t = useTranslations("billing");
  const names = useNames();
  const locale = useLocale();
  const own = subscription.subscribed_plan ?? subscription.plan;
  const first = plans[0];
  if (!first) return null;
  const mark = (plan: Plan) => plan.plan === own && "bg-accent-soft/50";
  return (
    <Table label={t("tabs.plans")} className="table-fixed min-w-[49rem]">
      <thead>
        <tr>
          <th scope="col" className="w-40 border-b px-3 py-3 align-bottom text-xs font-medium text-ink-faint">
            {t("whatItIncludes")}
          </th>
          <th scope="col" className="w-22 border-b px-3 py-3 align-bottom text-xs font-medium text-ink-faint">
            {t("usedNow")}
          </th>
          {plans.map((plan) => (
            <th key={plan.plan} scope="col" className={classes("border-b px-3 py-3 text-left align-top", mark(plan))}>
              <span className="text-sm font-semibold">{plan.name}</span>
              <PlanPrice plan={plan} isSmallest={plan === first} terms={terms} currency={currency} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row" className="border-b px-3 py-2">
            <span className="sr-only">{t("way")}</span>
          </th>
          <Cell />
          {plans.map((plan) => (
            <Cell key={plan.plan} className={classes("align-top", mark(plan))}>
              <p className="mb-2 text-xs text-ink-soft">{plan.summary}</p>
              <PlanButton {...props} plan={plan} />
              {hasTrial(plan, subscription) ? <p className="mt-1 text-xs text-ink-soft">{t("trialDays", { count: plan.trial_days })}</p> : null}
            </Cell>
          ))}
        </tr>
        {(Object.keys(first.limits) as (keyof Plan["limits"])[]).map((name) => {
          const used = inUse.get(name);
          return (
            <tr key={name}>
              <th scope="row" className={ROW}>
                {names.limit(name)}
              </th>
              <Cell className="tabular-nums">{used === undefined ? <span className="text-ink-faint">–</span> : limitText(name, used, locale)}</Cell>
              {plans.map((plan) => (
                <Cell key={plan.plan} className={classes(mark(plan))}>
                  <LimitCell plan={plan} name={name} currency={currency} seats={terms.seats} />
                </Cell>
              ))}
            </tr>
          );
        })}
        {(Object.keys(first.features) as (keyof Plan["features"])[]).map((name) => (
          <tr key={name}>
            <th scope="row" className={ROW}>
              {names.feature(name)}
            </th>
            <Cell>
              <span className="text-ink-faint">–</span>
            </Cell>
            {plans.map((plan) => (
              <Cell key={plan.plan} className={classes(mark(plan))}>
                <FeatureCell on={plan.features[name]} />
              </Cell>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
