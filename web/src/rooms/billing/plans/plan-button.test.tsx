import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { draw, PLANS, subscriptionOf } from "../test-tools";
import { PlanCards } from "./plan-cards";
import type { PlansShown } from "./plan-shown";

const shown = (patch: Partial<PlansShown> = {}): PlansShown => ({
  plans: PLANS,
  subscription: subscriptionOf(),
  terms: { interval: "month", seats: 1 },
  currency: "usd",
  inUse: new Map(),
  mayChange: true,
  busy: null,
  onChoose: () => {},
  ...patch,
});

describe("the buttons of the plans", () => {
  it("mark the current plan and offer trials", async () => {
    const onChoose = vi.fn();
    await draw(<PlanCards {...shown({ onChoose })} />);
    expect(screen.getByText("Current plan")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Contact us" })).toHaveAttribute("href", expect.stringContaining("mailto:"));
    fireEvent.click(screen.getByRole("button", { name: "Start trial: Pro" }));
    expect(onChoose).toHaveBeenCalledWith(PLANS[1], "trial");
  });
  it("are not there for whoever may not change the plan", async () => {
    await draw(<PlanCards {...shown({ mayChange: false })} />);
    expect(screen.queryAllByRole("button")).toEqual([]);
  });
  it("lead to the ways out while an invoice is not paid", async () => {
    await draw(<PlanCards {...shown({ subscription: subscriptionOf({ status: "unpaid", subscribed_plan: "pro" }) })} />);
    expect(screen.getAllByRole("link", { name: "Pay first" })[0]).toHaveAttribute("href", "/settings/billing?tab=overview");
  });
});
