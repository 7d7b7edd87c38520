import { describe, expect, it } from "vitest";
import type { Subscription } from "../billing-queries";
import { planOf, PLANS, subscriptionOf } from "../test-tools";
import { choiceFor, yearlySaving, type Terms } from "./plan-choice";

const MONTHLY: Terms = { interval: "month", seats: 1 };
const choices = (patch: Partial<Subscription>, terms = MONTHLY) => PLANS.map((plan) => choiceFor(plan, PLANS, subscriptionOf(patch), terms));
const pro = { plan: "pro", subscribed_plan: "pro", status: "active", interval: "month", seats: 1, may_try: false } as const;

describe("choiceFor", () => {
  it("begins with a trial where none was had", () => {
    expect(choices({})).toEqual(["current", "trial", "trial", "contact"]);
  });
  it("begins with a payment after a trial or an ended subscription", () => {
    expect(choices({ may_try: false, status: "canceled", subscribed_plan: "pro" })).toEqual(["current", "subscribe", "subscribe", "contact"]);
  });
  it("changes up and down from a subscription, and ends it for the free plan", () => {
    expect(choices(pro)).toEqual(["cancel", "current", "upgrade", "contact"]);
    expect(choices({ ...pro, plan: "team", subscribed_plan: "team" })).toEqual(["cancel", "downgrade", "current", "contact"]);
  });
  it("does not end twice", () => {
    expect(choices({ ...pro, cancel_at_period_end: true })[0]).toBe("ending");
  });
  it("changes the rhythm and the seats of the own plan", () => {
    expect(choices(pro, { interval: "year", seats: 1 })[1]).toBe("interval");
    expect(choices(pro, { interval: "month", seats: 3 })[1]).toBe("seats");
  });
  it.each(["unpaid", "incomplete", "paused"])("wants what is open settled first when it is %s", (status) => {
    expect(choices({ ...pro, plan: "free", status })).toEqual(["settle", "current", "settle", "contact"]);
  });
  it("sells nothing in a rhythm that a plan does not have", () => {
    const monthly = planOf("pro", { prices: { month: { usd: 2000 } } });
    expect(choiceFor(monthly, [...PLANS], subscriptionOf(), { interval: "year", seats: 1 })).toBe("none");
  });
});

describe("yearlySaving", () => {
  it("is what twelve months cost more", () => {
    expect(yearlySaving(planOf("pro"), "usd")).toEqual({ amount: 4800, percent: 20 });
  });
  it("is none where a year is not sold", () => {
    expect(yearlySaving(planOf("free", { prices: {} }), "usd")).toBeNull();
  });
});
