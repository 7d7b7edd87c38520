import { expect, it } from "vitest";
import { cronWords, periodOf } from "./schedule-words";

it.each([
  [1, "seconds", 1],
  [90, "seconds", 90],
  [300, "minutes", 5],
  [3_600, "hours", 1],
  [172_800, "days", 2],
])("%s seconds are said in %s", (seconds, period, count) => {
  expect(periodOf(seconds)).toEqual({ period, count });
});

it("says a cron expression in both languages", async () => {
  expect(await cronWords("30 8 * * MON-FRI", "en")).toBe("At 08:30, Monday through Friday");
  expect(await cronWords("30 8 * * MON-FRI", "de")).toBe("Um 08:30, Montag bis Freitag");
});

it.each(["", "nonsense", "61 * * * *"])("has no words for %j", async (expression) => {
  expect(await cronWords(expression, "en")).toBeNull();
});
