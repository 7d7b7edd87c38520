import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { subscriptionQuery } from "../billing-queries";
import { useDay } from "../day";
import { useMoney } from "../use-money";

/** What a workflow is likely to use in a month, told before it is published. */
export function EstimateLine({ workflowId }: { workflowId: string }) {
  const t = useTranslations("billing");
  const day = useDay();
  const { money } = useMoney();
  const maySee = useMay("workspace:read");
  const subscription = useQuery({ ...subscriptionQuery, enabled: maySee });
  const counted = subscription.data !== undefined && subscription.data.mode !== "off";
  const estimate = useQuery({
    queryKey: ["billing", "estimate", workflowId],
    enabled: counted,
    queryFn: () => body(api.GET("/api/v1/billing/usage/estimate/{workflow_id}", { params: { path: { workflow_id: workflowId } } })),
  });
  if (!estimate.data) return null;
  const { executions_per_month: count, others_per_month: others, included, reached_at: reached, overage_amount: overage, currency } = estimate.data;
  return (
    <p className="rounded-lg bg-sunken p-3 text-sm text-ink-soft">
      {count > 0 ? t("estimate", { count }) : t("estimateNone")}{" "}
      {reached ? t("estimateReached", { day: day(reached) }) : count > 0 && included !== null ? t("estimateIncluded", { total: count + others, included }) : null}{" "}
      {overage ? t("estimateOverage", { amount: money(overage, currency) }) : null}
    </p>
  );
}
