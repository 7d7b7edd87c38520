import type { Plan, Subscription } from "../billing-queries";
import type { Choice, Terms } from "./plan-choice";

/** What the columns and the cards of the plans are drawn from. */
export interface PlansShown {
  plans: readonly Plan[];
  subscription: Subscription;
  terms: Terms;
  currency: string;
  /** What the workspace uses now, by limit, as far as that is known. */
  inUse: ReadonlyMap<string, number>;
  mayChange: boolean;
  /** The plan that a click is on its way to. */
  busy: string | null;
  onChoose: (plan: Plan, choice: Choice) => void;
}
