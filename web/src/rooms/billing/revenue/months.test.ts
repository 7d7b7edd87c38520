import { describe, expect, it } from "vitest";
import { monthsBack, queryOf, shifted } from "./months";
import { readRevenueSearch } from "./revenue-search";

describe("months", () => {
  it("goes over the turn of the year", () => {
    expect(shifted("2026-01", -1)).toBe("2025-12");
    expect(shifted("2026-12", 1)).toBe("2027-01");
    expect(monthsBack("2026-02", 3)).toEqual(["2026-02", "2026-01", "2025-12"]);
  });

  it("asks for whole months, the last one included", () => {
    expect(queryOf({ from: "2026-01", to: "2026-12" })).toEqual({ from: "2026-01-01", to: "2027-01-01" });
    expect(queryOf({})).toEqual({});
  });

  it("reads months from the address, and nothing else", () => {
    expect(readRevenueSearch({ tab: "figures", from: "2026-13", to: "2026-03" })).toEqual({ tab: "figures", to: "2026-03" });
    expect(readRevenueSearch({ tab: "plans", from: 3 })).toEqual({});
  });
});
