import { describe, expect, it } from "vitest";
import { money, unitMoney } from "./money";

describe("money", () => {
  it("counts in the currency's own minor unit", () => {
    expect(money(1999, "usd", "en")).toBe("$19.99");
    expect(money(3000, "jpy", "en")).toBe("¥3,000");
    expect(money(-500, "eur", "de").replace(/\s/g, " ")).toBe("-5,00 €");
  });

  it("writes parts of the minor unit", () => {
    expect(unitMoney("0.2", "usd", "en")).toBe("$0.002");
    expect(unitMoney("0.3", "jpy", "en")).toBe("¥0.3");
  });
});
