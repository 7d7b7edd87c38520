import type { Plan, Subscription } from "../billing-queries";
import { hasSubscription } from "./plan-choice";

/** Whether a plan begins with a trial for this workspace. */
export function hasTrial(plan: Plan, subscription: Subscription): boolean {
  return plan.trial_days > 0 && subscription.may_try && !hasSubscription(subscription);
}
