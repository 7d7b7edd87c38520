import { expect, it } from "vitest";
import { daysSince } from "./usage-chart";

it("has every day since, this one included", () => {
  const days = daysSince("2026-01-30T10:00:00Z", Date.parse("2026-02-02T01:00:00Z"));
  expect(days.map((day) => new Date(day).toISOString().slice(0, 10))).toEqual(["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]);
});
