import { useQuery } from "@tanstack/react-query";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { money } from "./money";
import { BILLING, subscriptionQuery } from "./queries";

/** What a workflow is likely to use, before it is published. */
export function EstimateNote({ workflowId }: { workflowId: string }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const locale = useLocale();
  const subscription = useQuery(subscriptionQuery);
  const isOn = subscription.data !== undefined && subscription.data.mode !== "off";
  const estimate = useQuery({
    queryKey: [BILLING, "estimate", workflowId],
    queryFn: () => body(api.GET("/api/v1/billing/usage/estimate/{workflow_id}", { params: { path: { workflow_id: workflowId } } })),
    enabled: isOn,
    staleTime: 0,
  });
  const found = estimate.data;
  if (!isOn || !found) return null;
  return (
    <p className="rounded-lg bg-sunken p-3 text-sm text-ink-soft">
      {t("estimate.executions", { count: found.executions_per_month })}{" "}
      {found.reached_at ? t("estimate.reached", { day: format.dateTime(new Date(found.reached_at), { dateStyle: "long" }) }) : null}{" "}
      {found.overage_amount ? t("estimate.overage", { amount: money(found.overage_amount, found.currency, locale) }) : null}
    </p>
  );
}
