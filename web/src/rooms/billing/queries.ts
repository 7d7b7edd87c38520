import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Plan = Schemas["PlanOut"];
export type Subscription = Schemas["SubscriptionOut"];
export type Limit = Schemas["LimitOut"];
export type Preview = Schemas["ChangePreviewOut"];
export type InvoiceSummary = Schemas["InvoiceSummary"];
export type Alert = Schemas["AlertOut"];
export type Preferences = Schemas["PreferencesOut"];
export type Interval = "month" | "year";

/** Everything about billing begins with this key: one invalidation reads all of it again. */
export const BILLING = "billing";

export const plansQuery = queryOptions({ queryKey: [BILLING, "plans"], queryFn: () => body(api.GET("/api/v1/billing/plans")) });
export const subscriptionQuery = queryOptions({
  queryKey: [BILLING, "subscription"],
  queryFn: () => body(api.GET("/api/v1/billing/subscription")),
  staleTime: 10_000,
});
export const invoicesQuery = queryOptions({ queryKey: [BILLING, "invoices"], queryFn: () => body(api.GET("/api/v1/billing/invoices")) });
export const methodsQuery = queryOptions({
  queryKey: [BILLING, "payment-methods"],
  queryFn: () => body(api.GET("/api/v1/billing/payment-methods")),
});
export const alertsQuery = queryOptions({ queryKey: [BILLING, "alerts"], queryFn: () => body(api.GET("/api/v1/billing/alerts")) });
export const preferencesQuery = queryOptions({
  queryKey: [BILLING, "preferences"],
  queryFn: () => body(api.GET("/api/v1/billing/preferences")),
});
export const budgetsQuery = queryOptions({ queryKey: [BILLING, "budgets"], queryFn: () => body(api.GET("/api/v1/billing/budgets")) });
