import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Subscription = Schemas["SubscriptionOut"];
export type Limit = Schemas["LimitOut"];
export type Plan = Schemas["PlanOut"];
export type Interval = "month" | "year";
export type InvoiceSummary = Schemas["InvoiceSummary"];
export type Invoice = Schemas["InvoiceOut"];
export type InvoiceFacts = Schemas["InvoiceFacts"];
export type InvoiceLine = Schemas["InvoiceLine"];
export type PaymentEntry = Schemas["PaymentEntry"];
export type PaymentMethod = Schemas["PaymentMethodOut"];
export type Buyer = Schemas["BuyerOut"];
export type Alert = Schemas["AlertOut"];
export type Preferences = Schemas["PreferencesOut"];
export type Budget = Schemas["BudgetOut"];
export type Usage = Schemas["UsageOut"];
export type Override = Schemas["OverrideOut"];
export type Revenue = Schemas["RevenueOut"];

/** How often is looked whether somebody has agreed at the bank, in another window, in ms. */
const WAITING_MS = 3000;

export const subscriptionQuery = queryOptions({
  queryKey: ["billing", "subscription"],
  queryFn: () => body(api.GET("/api/v1/billing/subscription")),
  refetchInterval: (query) => (waits(query.state.data) ? WAITING_MS : false),
});

/** Whether the bank or Stripe has the next word. */
function waits(subscription: Subscription | undefined): boolean {
  return Boolean(subscription?.pending_change ?? subscription?.payment_action) || subscription?.status === "incomplete";
}
export const plansQuery = queryOptions({
  queryKey: ["billing", "plans"],
  queryFn: () => body(api.GET("/api/v1/billing/plans")),
});
export const invoicesQuery = queryOptions({
  queryKey: ["billing", "invoices"],
  queryFn: () => body(api.GET("/api/v1/billing/invoices")),
});
export const invoiceQuery = (id: string) =>
  queryOptions({
    queryKey: ["billing", "invoices", id],
    queryFn: () => body(api.GET("/api/v1/billing/invoices/{invoice_id}", { params: { path: { invoice_id: id } } })),
  });
export const paymentsQuery = queryOptions({
  queryKey: ["billing", "payments"],
  queryFn: () => body(api.GET("/api/v1/billing/payments")),
});
export const methodsQuery = queryOptions({
  queryKey: ["billing", "payment-methods"],
  queryFn: () => body(api.GET("/api/v1/billing/payment-methods")),
});
export const buyerQuery = queryOptions({
  queryKey: ["billing", "buyer"],
  queryFn: () => body(api.GET("/api/v1/billing/buyer")),
});
export const alertsQuery = queryOptions({
  queryKey: ["billing", "alerts"],
  queryFn: () => body(api.GET("/api/v1/billing/alerts")),
});
export const preferencesQuery = queryOptions({
  queryKey: ["billing", "preferences"],
  queryFn: () => body(api.GET("/api/v1/billing/preferences")),
});
export const budgetsQuery = queryOptions({
  queryKey: ["billing", "budgets"],
  queryFn: () => body(api.GET("/api/v1/billing/budgets")),
});

/** Has everything about billing read again, since it hangs together. */
export function useRefreshBilling(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["billing"] });
}

/** Goes to a page of Stripe's, which leads back here. */
export function leaveFor({ url }: { url: string }): void {
  window.location.assign(url);
}
