export const REVENUE_TABS = ["figures", "invoices", "coupons", "overrides", "alerts"] as const;
export type RevenueTab = (typeof REVENUE_TABS)[number];

/** What the address of the revenue page says: the tab, and the months that are shown, such as `2026-01`. */
export interface RevenueSearch {
  tab?: RevenueTab;
  from?: string;
  to?: string;
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

export function readRevenueSearch(search: Record<string, unknown>): RevenueSearch {
  const tab = REVENUE_TABS.find((one) => one === search.tab);
  const month = (value: unknown) => (typeof value === "string" && MONTH.test(value) ? value : undefined);
  const from = month(search.from);
  const to = month(search.to);
  return { ...(tab ? { tab } : {}), ...(from ? { from } : {}), ...(to ? { to } : {}) };
}
