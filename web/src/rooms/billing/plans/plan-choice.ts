import type { Interval, Plan, Subscription } from "../billing-queries";

/** What the button of a plan does. */
export type Choice = "current" | "upgrade" | "downgrade" | "interval" | "seats" | "trial" | "subscribe" | "contact" | "cancel" | "ending" | "settle" | "none";

/** What is wished for beside the plan itself. */
export interface Terms {
  interval: Interval;
  seats: number;
}
type State = Pick<Subscription, "status" | "subscribed_plan" | "interval" | "seats" | "may_try" | "cancel_at_period_end">;

const CHANGEABLE = new Set(["active", "trialing"]);
/** There is a subscription, which somebody has to mend before it can be changed. */
const STUCK = new Set(["past_due", "unpaid", "incomplete", "paused"]);

export function hasSubscription({ status }: Pick<Subscription, "status">): boolean {
  return status !== null && (CHANGEABLE.has(status) || STUCK.has(status));
}

/** A plan that is neither sold nor the smallest is agreed upon with people. */
function isAgreedUpon(plan: Plan, plans: readonly Plan[]): boolean {
  return !plan.is_for_sale && plans[0]?.plan !== plan.plan;
}

/** Which button a plan has, from what the workspace is subscribed to; plans come smallest first. */
export function choiceFor(plan: Plan, plans: readonly Plan[], state: State, terms: Terms): Choice {
  const subscribed = hasSubscription(state);
  if (subscribed ? plan.plan === state.subscribed_plan : plan.is_current) return chosenAlready(plan, state, terms, subscribed);
  if (isAgreedUpon(plan, plans)) return "contact";
  if (!subscribed) return beginning(plan, state, terms);
  if (state.status !== null && STUCK.has(state.status)) return "settle";
  if (!plan.is_for_sale) return state.cancel_at_period_end ? "ending" : "cancel";
  if (plan.prices[terms.interval] === undefined) return "none";
  const place = (name: string | null) => plans.findIndex((one) => one.plan === name);
  return place(plan.plan) > place(state.subscribed_plan) ? "upgrade" : "downgrade";
}

function chosenAlready(plan: Plan, state: State, terms: Terms, subscribed: boolean): Choice {
  if (!subscribed || !state.status || !CHANGEABLE.has(state.status) || !plan.prices[terms.interval]) return "current";
  if (state.interval !== terms.interval) return "interval";
  return state.seats !== terms.seats ? "seats" : "current";
}

function beginning(plan: Plan, state: State, terms: Terms): Choice {
  if (!plan.prices[terms.interval]) return "none";
  return state.may_try && plan.trial_days > 0 ? "trial" : "subscribe";
}

/** Whether a change gives up something that is paid for already: then it can wait for the end of that. */
export function isSmaller(choice: Choice, state: Pick<State, "interval" | "seats">, terms: Terms): boolean {
  if (choice === "downgrade") return true;
  if (choice === "interval") return state.interval === "year";
  return choice === "seats" && (state.seats ?? 1) > terms.seats;
}

/** What a year costs less than twelve months, in minor units; null where one of them is not sold. */
export function yearlySaving(plan: Plan, currency: string): { amount: number; percent: number } | null {
  const month = plan.prices.month?.[currency];
  const year = plan.prices.year?.[currency];
  if (!month || year === undefined) return null;
  const amount = month * 12 - year;
  return amount > 0 ? { amount, percent: Math.round((amount * 100) / (month * 12)) } : null;
}
