import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { draw } from "../test-tools";
import { useAlertText } from "./use-alert-text";

const NAMES = new Map([["pro", "Pro"]]);
const MOMENT = Date.UTC(2026, 11, 12) / 1000;

function Told({ kind, detail }: { kind: string; detail: Record<string, unknown> }) {
  return <p>{useAlertText(NAMES)({ kind, detail })}</p>;
}

describe("useAlertText", () => {
  it.each([
    ["usage", { limit: "executions", share: 80, used: 8000, of: 10_000 }, "80 % of Executions are used: 8,000 of 10,000."],
    ["usage", { limit: "ai_tokens", share: 100, used: 10, of: 10 }, "The limit of AI tokens is reached: 10 of 10 are used."],
    ["payment_failed", { number: "T-7", amount: 2000, currency: "usd", attempt: 2 }, "The payment of $20.00 for invoice T-7 failed (attempt 2)."],
    ["payment_failed", { number: "T-8", amount: 3000, currency: "jpy", attempt: 1 }, "The payment of ¥3,000 for invoice T-8 failed (attempt 1)."],
    ["card_expiring", { brand: "visa", last4: "4242", exp_month: 3, exp_year: 2027 }, "Visa ending in 4242 expires in 03/2027."],
    ["trial_ending", { plan: "pro", trial_end: MOMENT }, "The trial of Pro ends on December 12, 2026."],
    ["credits", { amount: 500, currency: "usd" }, "Prepaid credits are nearly used up: $5.00 are left."],
    ["unusual_spend", { today: 4000, usual: 120 }, "4,000 executions today, where about 120 a day are usual."],
    ["subscription", { change: "holds", plan: "pro", interval: "month" }, "The plan Pro holds now."],
    ["subscription", { change: "ends", plan: "pro", at: MOMENT }, "The plan Pro ends on December 12, 2026."],
    ["subscription", { change: "canceled", plan: "gone" }, "The plan gone has ended. The workspace is on the free plan."],
    ["subscription", { change: "unpaid", plan: "pro" }, "The plan Pro was not paid. The workspace is on the free plan until it is."],
    ["subscription", { change: "paused", plan: "pro" }, "The trial of Pro ended without a card. The plan is paused."],
    ["news", {}, "news"],
  ])("tells %s %j", async (kind, detail, text) => {
    await draw(<Told kind={kind} detail={detail} />);
    expect(screen.getByText(text)).toBeInTheDocument();
  });
});
