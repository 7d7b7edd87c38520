import type { Interval, Plan, Subscription } from "./queries";

export type PlanAction = "current" | "checkout" | "trial" | "upgrade" | "downgrade" | "interval" | "contact" | "none";

const RUNS = new Set(["active", "trialing", "past_due"]);

/** What a plan's button does for a workspace: begin, change, ask us, or nothing. */
export function planAction(plan: Plan, plans: readonly Plan[], subscription: Subscription, interval: Interval): PlanAction {
  const runs = RUNS.has(subscription.status ?? "") && subscription.subscribed_plan !== null;
  if (runs && plan.plan === subscription.subscribed_plan) return plan.is_for_sale && interval !== subscription.interval ? "interval" : "current";
  if (!runs && plan.plan === subscription.plan) return "current";
  if (!plan.is_for_sale) return plan.plan === "free" ? "none" : "contact";
  if (!runs) return plan.trial_days > 0 && subscription.may_try ? "trial" : "checkout";
  const place = (name: string | null) => plans.findIndex((one) => one.plan === name);
  return place(plan.plan) > place(subscription.subscribed_plan) ? "upgrade" : "downgrade";
}
