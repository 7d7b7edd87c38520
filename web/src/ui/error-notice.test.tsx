import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import { draw } from "@/rooms/billing/test-tools";
import { ErrorNotice } from "./error-notice";

const REFUSED = {
  title: "Plan limit reached",
  detail: "This plan includes 1000 executions a month.",
  meter: "executions",
  limit: 1000,
  used: 1000,
  resets_at: "2026-12-01T00:00:00Z",
  upgrade_url: "https://treadle.example/settings/billing",
};

describe("ErrorNotice", () => {
  it("leads to the plans where the plan refused", async () => {
    await draw(<ErrorNotice error={new Problem(402, REFUSED)} />);
    expect(screen.getByRole("alert")).toHaveTextContent("This plan includes 1000 executions a month.");
    expect(screen.getByRole("link", { name: "See plans" })).toHaveAttribute("href", "/settings/billing?tab=plans");
  });
  it.each([
    [402, { title: "Payment refused", detail: "The card was declined." }],
    [403, { title: "Not allowed", detail: "Your role does not allow that.", upgrade_url: "https://treadle.example" }],
  ])("does not where a larger plan would not help (%i)", async (status, body) => {
    await draw(<ErrorNotice error={new Problem(status, body)} />);
    expect(screen.queryByRole("link")).toBeNull();
  });
});

describe("Problem", () => {
  it("keeps what the plan refused", () => {
    expect(new Problem(402, REFUSED).refusal).toEqual({
      meter: "executions",
      limit: 1000,
      used: 1000,
      resetsAt: "2026-12-01T00:00:00Z",
      upgradeUrl: "https://treadle.example/settings/billing",
    });
  });
});
