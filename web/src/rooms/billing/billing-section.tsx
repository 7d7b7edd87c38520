import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { ErrorNotice, ListSkeleton, Tabs } from "@/ui";
import { toast } from "@/ui/toast";
import { AlertPanel } from "./alert-panel";
import { BudgetPanel } from "./budget-panel";
import { InvoicePanel } from "./invoice-panel";
import { Overview } from "./overview";
import { PaymentPanel } from "./payment-panel";
import { PlanComparison } from "./plan-comparison";
import { BILLING, subscriptionQuery } from "./queries";
import { UsagePanel } from "./usage-panel";

/** The workspace's plan, what it uses and how it pays. */
export function BillingSection() {
  const t = useTranslations("billing");
  const { tab } = useSearch({ from: "/app/settings/$section" });
  const navigate = useNavigate();
  const seesMoney = useMay("billing:read");
  const subscription = useQuery(subscriptionQuery);
  useReturn();
  if (subscription.isPending) return <ListSkeleton rows={4} />;
  if (subscription.error) return <ErrorNotice error={subscription.error} onRetry={() => void subscription.refetch()} />;
  const open = (name: string) => void navigate({ to: "/settings/$section", params: { section: "billing" }, search: { tab: name }, replace: true });
  const found = subscription.data;
  const tabs = [
    { value: "overview", label: t("overview"), content: <Overview subscription={found} onPlans={() => open("plans")} /> },
    { value: "plans", label: t("plans"), content: <PlanComparison subscription={found} /> },
    { value: "usage", label: t("usage"), content: <UsagePanel subscription={found} /> },
    ...(seesMoney
      ? [
          { value: "invoices", label: t("invoices"), content: <InvoicePanel /> },
          { value: "payment", label: t("payment"), content: <PaymentPanel mode={found.mode} /> },
          { value: "alerts", label: t("alerts"), content: <AlertPanel /> },
        ]
      : []),
    { value: "budgets", label: t("budgets"), content: <BudgetPanel /> },
  ];
  const chosen = tabs.some((one) => one.value === tab) ? (tab ?? "overview") : "overview";
  return (
    <div className="flex flex-col gap-4">
      {found.mode === "on" ? null : <p className="rounded-lg bg-info-soft p-3 text-sm text-info-text">{t(`mode.${found.mode}`)}</p>}
      <Tabs label={t("title")} value={chosen} onValueChange={open} tabs={tabs.map((one) => ({ ...one, content: <div className="pt-4">{one.content}</div> }))} />
    </div>
  );
}

/** After Stripe's page everything is read again; whoever paid is told so. */
function useReturn(): void {
  const t = useTranslations("billing");
  const { checkout, setup } = useSearch({ from: "/app/settings/$section" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const returned = checkout === "done" ? "checkout" : setup === "done" ? "setup" : null;
  useEffect(() => {
    if (!returned) return;
    void (async () => {
      await api.POST("/api/v1/billing/refresh").catch(() => null);
      await queries.invalidateQueries({ queryKey: [BILLING] });
      const found = await queries.ensureQueryData(subscriptionQuery);
      toast.success(returned === "setup" ? t("cardAdded") : t("onPlan", { plan: found.plan_name }));
      await navigate({ to: "/settings/$section", params: { section: "billing" }, search: {}, replace: true });
    })();
    // Once for each return; what it uses does not change meanwhile.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [returned]);
}
