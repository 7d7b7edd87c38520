import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import { Problem } from "@/api/problem";
import { draw, planOf, subscriptionOf } from "../test-tools";
import { ChangeDialog } from "./change-dialog";

const PREVIEW = {
  preview: true,
  currency: "usd",
  total: 5850,
  amount_due: 5850,
  subtotal: 5850,
  discounts: [],
  taxes: [],
  starting_balance: 0,
  proration_date: 1_795_000_000,
  begins_at: null,
  next_amount: 8000,
  included: {},
  too_much: [],
  lines: [
    { description: "Unused time on Pro", quantity: 1, amount: -1950, is_proration: true },
    { description: "Remaining time on Team", quantity: 1, amount: 7800, is_proration: true },
  ],
};

/** Answers like the server, and keeps what it was asked. */
function serve(...answers: (object | Problem)[]): unknown[] {
  const asked: unknown[] = [];
  vi.spyOn(api, "POST").mockImplementation(((_path: string, { body }: { body: unknown }) => {
    const answer = answers[asked.length];
    asked.push(body);
    return answer instanceof Problem ? Promise.reject(answer) : Promise.resolve({ data: answer });
  }) as never);
  return asked;
}
afterEach(() => vi.restoreAllMocks());

const dialog = (onClose = () => {}) => <ChangeDialog plan={planOf("team")} terms={{ interval: "month", seats: 1 }} subscription={subscriptionOf()} isSmaller={false} onClose={onClose} />;

describe("ChangeDialog", () => {
  it("shows the lines and what is due, and confirms exactly that", async () => {
    const asked = serve(PREVIEW, subscriptionOf());
    const onClose = vi.fn();
    await draw(dialog(onClose));
    expect(screen.getByRole("button", { name: "Confirm the change" })).toBeDisabled();
    expect(await screen.findByText("Due now: $58.50")).toBeInTheDocument();
    expect(screen.getByText("Unused time on Pro").closest("tr")).toHaveTextContent("-$19.50");
    fireEvent.click(screen.getByRole("button", { name: "Confirm the change" }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(asked).toEqual([
      { plan: "team", interval: "month", seats: 1, when: "now", preview: true },
      { plan: "team", interval: "month", seats: 1, when: "now", deactivate_workflow_ids: [], remove_member_ids: [], preview: false, proration_date: 1_795_000_000 },
    ]);
  });
  it("says what is credited", async () => {
    serve({ ...PREVIEW, total: -1234, amount_due: 0 });
    await draw(dialog());
    expect(await screen.findByText(/\$12\.34 are credited/)).toBeInTheDocument();
  });
  it("stays open, with the reason, when the payment is refused", async () => {
    serve(PREVIEW, new Problem(402, { title: "Payment refused", detail: "Your card has insufficient funds." }));
    const onClose = vi.fn();
    await draw(dialog(onClose));
    await screen.findByText("Due now: $58.50");
    fireEvent.click(screen.getByRole("button", { name: "Confirm the change" }));
    expect(await screen.findByText("Your card has insufficient funds.")).toBeInTheDocument();
    expect(onClose).not.toHaveBeenCalled();
  });
});
