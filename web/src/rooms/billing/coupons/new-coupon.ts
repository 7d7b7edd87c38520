import type { components } from "@/api/schema";
import { minorDigits } from "../money";

type CouponIn = components["schemas"]["CouponIn"];
export type Kind = "percent" | "amount";
export const DURATIONS = ["once", "repeating", "forever"] as const;

/** What is typed into the form for a new code. */
export interface Draft {
  code: string;
  name: string;
  kind: Kind;
  percent: string;
  /** By currency, in its major unit. */
  amounts: Record<string, string>;
  duration: (typeof DURATIONS)[number];
  months: string;
  most: string;
  expires: string;
  firstOnly: boolean;
  plans: string[];
}

export const EMPTY: Draft = {
  code: "",
  name: "",
  kind: "percent",
  percent: "",
  amounts: {},
  duration: "once",
  months: "3",
  most: "",
  expires: "",
  firstOnly: false,
  plans: [],
};

/** The draft as the API takes it: amounts in minor units, what is empty left out. */
export function couponOf(draft: Draft): CouponIn {
  const amounts = Object.entries(draft.amounts)
    .filter(([, text]) => text.trim() !== "")
    .map(([currency, text]) => [currency, Math.round(Number(text) * 10 ** minorDigits(currency))] as const);
  return {
    code: draft.code.trim(),
    name: draft.name.trim() || draft.code.trim(),
    duration: draft.duration,
    first_time_transaction: draft.firstOnly,
    plans: draft.plans,
    amounts_off: draft.kind === "amount" ? Object.fromEntries(amounts) : {},
    ...(draft.kind === "percent" ? { percent_off: draft.percent.trim() } : {}),
    ...(draft.duration === "repeating" ? { duration_in_months: Number(draft.months) } : {}),
    ...(draft.most ? { max_redemptions: Number(draft.most) } : {}),
    ...(draft.expires ? { expires_at: new Date(`${draft.expires}T23:59:59`).toISOString() } : {}),
  };
}
