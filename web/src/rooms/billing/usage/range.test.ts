import { describe, expect, it } from "vitest";
import { boundsOf, daysOf } from "./range";

const NOW = new Date("2026-11-27T10:30:00Z");

describe("boundsOf", () => {
  it("begins with the period of usage, or so many days ago with today among them", () => {
    expect(boundsOf("period", "2026-11-03T08:00:00Z", NOW)).toEqual({ from: "2026-11-03T08:00:00.000Z", to: "2026-11-27T10:30:00.000Z" });
    expect(boundsOf("7", "2026-11-03T08:00:00Z", NOW).from).toBe("2026-11-21T00:00:00.000Z");
  });
});

describe("daysOf", () => {
  it("has a number for every day, and adds up what a day has of several kinds", () => {
    const points = [
      { start: "2026-11-26T00:00:00Z", meter: "executions", quantity: 2 },
      { start: "2026-11-26T00:00:00Z", meter: "executions", quantity: 3 },
      { start: "2026-11-26T00:00:00Z", meter: "steps", quantity: 9 },
    ];
    const days = daysOf({ from: "2026-11-25T12:00:00Z", to: "2026-11-27T10:30:00Z", points }, "executions");
    expect(days.map((one) => [one.day.slice(0, 10), one.quantity])).toEqual([
      ["2026-11-25", 0],
      ["2026-11-26", 5],
      ["2026-11-27", 0],
    ]);
  });
});
