import { describe, expect, it } from "vitest";
import { factsOf } from "./alert-facts";

const money = (amount: number, currency: string) => `${currency} ${amount / 100}`;

describe("factsOf", () => {
  it("writes an amount with its currency", () => {
    const detail = { workspace_id: "w", amount: 2000, currency: "eur" };
    expect(factsOf(detail, money)).toEqual([
      ["amount", "eur 20"],
      ["workspace_id", "w"],
    ]);
  });

  it("leaves an amount without a currency as it is", () => {
    expect(factsOf({ amount: 3 }, money)).toEqual([["amount", "3"]]);
  });
});
