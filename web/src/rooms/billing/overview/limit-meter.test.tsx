import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Limit } from "../billing-queries";
import { draw } from "../test-tools";
import { LimitMeter } from "./limit-meter";

const LIMIT: Limit = {
  name: "executions",
  included: 4,
  ceiling: 4,
  used: 3,
  forecast: 12,
  reached_at: "2026-12-03T00:00:00Z",
  at_limit: "refuse",
  overage: 0,
  overage_amount: 0,
  overage_amount_forecast: 0,
  overage_cap: 0,
  overage_price: null,
};

describe("LimitMeter", () => {
  it.each<[string, Partial<Limit>, RegExp]>([
    ["a limit", {}, /The limit is reached on December 3/],
    ["a full limit", { used: 4 }, /The limit is reached\./],
    ["a cap", { ceiling: 9 }, /beyond the plan is used up on December 3/],
    ["a full cap", { ceiling: 9, used: 9 }, /beyond the plan is used up\./],
  ])("says of %s when it is reached", async (_name, patch, says) => {
    await draw(<LimitMeter limit={{ ...LIMIT, ...patch }} currency="usd" endsAt="2026-12-29T00:00:00Z" />);
    expect(screen.getByText(says)).toBeVisible();
  });
});
