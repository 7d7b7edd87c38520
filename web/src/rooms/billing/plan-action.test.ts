import { describe, expect, it } from "vitest";
import { planAction } from "./plan-action";
import type { Plan, Subscription } from "./queries";

const plan = (name: string, sold: boolean): Plan => ({ plan: name, is_for_sale: sold, trial_days: 14 }) as Plan;
const PLANS = [plan("free", false), plan("pro", true), plan("team", true), plan("enterprise", false)];
const state = (more: Partial<Subscription>): Subscription =>
  ({ plan: "free", subscribed_plan: null, status: null, interval: null, may_try: true, ...more }) as Subscription;
const actions = (subscription: Subscription, interval: "month" | "year" = "month") => PLANS.map((one) => planAction(one, PLANS, subscription, interval));

describe("planAction", () => {
  it("begins with a trial, once", () => {
    expect(actions(state({}))).toEqual(["current", "trial", "trial", "contact"]);
    expect(actions(state({ may_try: false }))).toEqual(["current", "checkout", "checkout", "contact"]);
  });

  it("changes what runs", () => {
    const pro = state({ plan: "pro", subscribed_plan: "pro", status: "active", interval: "month" });
    expect(actions(pro)).toEqual(["none", "current", "upgrade", "contact"]);
    expect(actions(pro, "year")).toEqual(["none", "interval", "upgrade", "contact"]);
    const team = state({ plan: "team", subscribed_plan: "team", status: "past_due", interval: "month" });
    expect(actions(team)).toEqual(["none", "downgrade", "current", "contact"]);
  });

  it("begins anew after an end", () => {
    const ended = state({ subscribed_plan: "pro", status: "canceled", may_try: false });
    expect(actions(ended)).toEqual(["current", "checkout", "checkout", "contact"]);
  });
});
