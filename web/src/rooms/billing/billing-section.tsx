import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "@/api/me";
import { ErrorNotice, ListSkeleton, Notice, Tabs } from "@/ui";
import { AlertsTab } from "./alerts/alerts-tab";
import { subscriptionQuery, type Subscription } from "./billing-queries";
import { BudgetsTab } from "./budgets/budgets-tab";
import { InvoicesTab } from "./invoices/invoices-tab";
import { OverviewTab } from "./overview/overview-tab";
import { PaymentTab } from "./payment/payment-tab";
import { PlansTab } from "./plans/plans-tab";
import { TABS, type Tab } from "./search";
import { UsageTab } from "./usage/usage-tab";
import { useArrival } from "./use-arrival";

export interface TabProps {
  subscription: Subscription;
}
const PARTS: Record<Tab, ComponentType<TabProps>> = {
  overview: OverviewTab,
  plans: PlansTab,
  usage: UsageTab,
  invoices: InvoicesTab,
  payment: PaymentTab,
  alerts: AlertsTab,
  budgets: BudgetsTab,
};
/** What the others of the workspace do not see. */
const ABOUT_MONEY = new Set<Tab>(["invoices", "payment", "alerts"]);

/** The plan of the workspace, what it uses of it, and how it is paid. */
export function BillingSection() {
  const t = useTranslations("billing");
  const seesMoney = useMay("billing:read");
  const { tab } = useSearch({ from: "/app/settings/$section" });
  const navigate = useNavigate({ from: "/settings/$section" });
  const subscription = useQuery(subscriptionQuery);
  useArrival();
  if (subscription.isPending) return <ListSkeleton rows={4} />;
  if (subscription.error) return <ErrorNotice error={subscription.error} onRetry={() => void subscription.refetch()} />;
  if (subscription.data.mode === "off") {
    return (
      <Notice tone="info" title={t("offTitle")}>
        {t("off")}
      </Notice>
    );
  }
  const shown = TABS.filter((one) => seesMoney || !ABOUT_MONEY.has(one));
  return (
    <div className="flex flex-col gap-4">
      {subscription.data.mode === "open" ? (
        <Notice tone="info" title={t("openTitle")}>
          {t("open")}
        </Notice>
      ) : null}
      <Tabs
        label={t("title")}
        value={shown.find((one) => one === tab) ?? "overview"}
        onValueChange={(next) => void navigate({ search: next === "overview" ? {} : { tab: next as Tab } })}
        tabs={shown.map((name) => {
          const Part = PARTS[name];
          return {
            value: name,
            label: t(`tabs.${name}`),
            content: (
              <div className="flex flex-col gap-4 px-1 pt-4 pb-2">
                <Part subscription={subscription.data} />
              </div>
            ),
          };
        })}
      />
    </div>
  );
}
