import { describe, expect, it } from "vitest";
import { moneyText, unitPriceText } from "./money";

const plain = (text: string) => text.replaceAll(/\s/g, " ");

describe("moneyText", () => {
  it.each([
    [2000, "usd", "en", "$20.00"],
    [1990, "eur", "de", "19,90 €"],
    [-1234, "eur", "en", "-€12.34"],
    [3000, "jpy", "en", "¥3,000"],
    [0, "usd", "en", "$0.00"],
  ])("writes %i of %s in %s as %s", (amount, currency, locale, expected) => {
    expect(plain(moneyText(amount, currency, locale))).toBe(expected);
  });

  it("leaves the zeros of a whole amount away where there is little room", () => {
    expect(moneyText(2000, "usd", "en", { short: true })).toBe("$20");
    expect(moneyText(2050, "usd", "en", { short: true })).toBe("$20.50");
  });
});

describe("unitPriceText", () => {
  it("writes parts of a minor unit", () => {
    expect(unitPriceText("0.2", "usd", "en")).toBe("$0.002");
    expect(unitPriceText("0.3", "jpy", "en")).toBe("¥0.3");
    expect(unitPriceText("50", "usd", "en")).toBe("$0.50");
  });
});
