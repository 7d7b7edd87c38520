import { expect, it } from "vitest";
import { overdueIn } from "./overdue";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const due = (at: string | null) => ({ next_check_at: at });

it("looks a moment after the first check that is to come", () => {
  expect(overdueIn([due("2026-01-01T01:00:00Z"), due(null), due("2026-01-01T00:10:00Z")], NOW)).toBe(610_000);
});

it("looks every half minute while one is late", () => {
  expect(overdueIn([due("2025-12-31T00:00:00Z")], NOW)).toBe(30_000);
});

it("never looks where no check is to come", () => {
  expect(overdueIn([due(null)], NOW)).toBe(false);
  expect(overdueIn([], NOW)).toBe(false);
});

it("stays within what a timer can count", () => {
  expect(overdueIn([due("2030-01-01T00:00:00Z")], NOW)).toBe(86_400_000);
});
