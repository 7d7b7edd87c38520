import { expect, it } from "vitest";
import { couponOf, EMPTY } from "./new-coupon";

it("sends a part in percent, and nothing that was left empty", () => {
  expect(couponOf({ ...EMPTY, code: " SPRING25 ", percent: "25" })).toEqual({
    code: "SPRING25",
    name: "SPRING25",
    percent_off: "25",
    duration: "once",
    first_time_transaction: false,
    plans: [],
    amounts_off: {},
  });
});

it("sends amounts in minor units, by currency", () => {
  const coupon = couponOf({ ...EMPTY, code: "FIVE", kind: "amount", amounts: { usd: "5", eur: "4.50", jpy: "700", gbp: "" }, duration: "repeating" });
  expect(coupon.amounts_off).toEqual({ usd: 500, eur: 450, jpy: 700 });
  expect(coupon.duration_in_months).toBe(3);
  expect(coupon.percent_off).toBeUndefined();
});
