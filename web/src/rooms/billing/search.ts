import { readRevenueSearch, type RevenueSearch, type RevenueTab } from "./revenue/revenue-search";

export const TABS = ["overview", "plans", "usage", "invoices", "payment", "alerts", "budgets"] as const;
export type Tab = (typeof TABS)[number];

/** What the address of the billing pages says: the tab, and what Stripe's page was left with. */
export interface BillingSearch extends Omit<RevenueSearch, "tab"> {
  tab?: Tab | RevenueTab;
  checkout?: "done" | "cancelled";
  setup?: "done";
}

export function readBillingSearch(search: Record<string, unknown>): BillingSearch {
  const tab = TABS.find((one) => one === search.tab);
  const { checkout, setup } = search;
  return {
    ...readRevenueSearch(search),
    ...(tab ? { tab } : {}),
    ...(checkout === "done" || checkout === "cancelled" ? { checkout } : {}),
    ...(setup === "done" ? { setup } : {}),
  };
}
