import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { InvoiceFacts } from "../billing-queries";
import { draw } from "../test-tools";
import { InvoiceSums } from "./invoice-sums";

const PARTY = { name: "Ada", address: [], country: "DE", email: "", tax_ids: [] };
const FACTS: InvoiceFacts = {
  state: "paid",
  issued_at: "2026-02-28T12:00:00Z",
  due_at: null,
  ended_at: null,
  language: "en",
  seller: PARTY,
  buyer: PARTY,
  subtotal: 6469,
  discounts: [{ name: "WELCOME", percent_off: "25", amount: 1000 }],
  net: 5469,
  taxes: [{ name: "VAT", percentage: "19", net: 5469, amount: 1039, is_inclusive: false }],
  total: 6508,
  balance: [],
  credited: 0,
  paid: 6508,
  remaining: 0,
  is_reverse_charge: false,
};

const row = (label: string) => screen.getByText(label).parentElement;

describe("InvoiceSums", () => {
  it("adds up from the subtotal to what is due", async () => {
    await draw(<InvoiceSums facts={FACTS} currency="eur" />);
    expect(row("Subtotal")).toHaveTextContent("€64.69");
    expect(row("Discount WELCOME 25%")).toHaveTextContent("-€10.00");
    expect(row("VAT 19% on €54.69")).toHaveTextContent("€10.39");
    expect(row("Total")).toHaveTextContent("€65.08");
    expect(row("Still due")).toHaveTextContent("€0.00");
  });
  it("says that a negative invoice is added to the balance", async () => {
    const facts: InvoiceFacts = { ...FACTS, state: "settled", subtotal: -4000, discounts: [], taxes: [], net: -4000, total: -4000, paid: 0, balance: [{ kind: "balance_added", amount: 4000 }] };
    await draw(<InvoiceSums facts={facts} currency="eur" />);
    expect(row("Added to the balance")).toHaveTextContent("€40.00");
    expect(screen.queryByText("Subtotal")).not.toBeInTheDocument();
  });
  it("says of which the total includes a tax", async () => {
    const taxes = [{ name: "消費税", percentage: "10", net: 2727, amount: 273, is_inclusive: true }];
    await draw(<InvoiceSums facts={{ ...FACTS, subtotal: 3000, discounts: [], taxes, net: 3000, total: 3000, paid: 3000 }} currency="jpy" />);
    expect(row("Includes 消費税 10% on ¥2,727")).toHaveTextContent("¥273");
  });
});
