import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslations } from "use-intl";
import { Tabs } from "@/ui";
import { CouponsPart } from "../coupons/coupons-part";
import { AdministratorAlerts } from "./administrator-alerts";
import { FiguresTab } from "./figures-tab";
import { InstanceInvoicesTab } from "./invoices-tab";
import { OverridesPart } from "./overrides-part";
import { REVENUE_TABS, type RevenueTab } from "./revenue-search";

/** What each tab shows; a tab without anything of its own is not there. */
const PARTS: Partial<Record<RevenueTab, ComponentType>> = {
  figures: FiguresTab,
  coupons: CouponsPart,
  invoices: InstanceInvoicesTab,
  overrides: OverridesPart,
  alerts: AdministratorAlerts,
};

/** For the administrator: what the instance earns, from whom, and what is granted beyond plans. */
export function RevenueSection() {
  const t = useTranslations("billing.revenue");
  const { tab } = useSearch({ from: "/app/settings/$section" });
  const navigate = useNavigate({ from: "/settings/$section" });
  const shown = REVENUE_TABS.filter((one) => one in PARTS);
  return (
    <Tabs
      label={t("title")}
      value={shown.find((one) => one === tab) ?? "figures"}
      onValueChange={(next) => void navigate({ search: next === "figures" ? {} : { tab: next as RevenueTab } })}
      tabs={shown.map((name) => {
        const Part = PARTS[name];
        return {
          value: name,
          label: t(`tabs.${name}`),
          content: <div className="flex flex-col gap-5 px-1 pt-4 pb-2">{Part ? <Part /> : null}</div>,
        };
      })}
    />
  );
}
