import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "@/api/me";
import { Checkbox, EmptyState, ErrorNotice, ListSkeleton } from "@/ui";
import { alertsQuery, preferencesQuery } from "../billing-queries";
import type { TabProps } from "../billing-section";
import { AlertRow } from "./alert-row";
import { PreferencesForm } from "./preferences-form";
import { useAlertText } from "./use-alert-text";
import { usePlanNames } from "./use-plan-names";

/** What the workspace was told, and what it wants to be told and to happen at its limits. */
export function AlertsTab({ subscription }: TabProps) {
  const t = useTranslations("billing");
  const mayChange = useMay("billing:write");
  const [old, setOld] = useState(false);
  const alerts = useQuery(alertsQuery);
  const preferences = useQuery(preferencesQuery);
  const textOf = useAlertText(usePlanNames());
  const shown = alerts.data?.items.filter((one) => old || (one.dismissed_at === null && one.resolved_at === null)) ?? [];
  const hasOld = alerts.data?.items.some((one) => one.dismissed_at !== null || one.resolved_at !== null) ?? false;
  return (
    <>
      <section aria-label={t("tabs.alerts")} className="flex flex-col gap-3">
        {hasOld ? <Checkbox label={t("showDismissed")} checked={old} onChange={(event) => setOld(event.target.checked)} /> : null}
        {alerts.isPending ? <ListSkeleton rows={3} /> : null}
        {alerts.error ? <ErrorNotice error={alerts.error} onRetry={() => void alerts.refetch()} /> : null}
        {alerts.data && shown.length === 0 ? (
          <EmptyState icon={Bell} title={t("noAlerts")}>
            {t("noAlertsHint")}
          </EmptyState>
        ) : null}
        {shown.length > 0 ? (
          <ul aria-label={t("tabs.alerts")} className="flex flex-col gap-2">
            {shown.map((alert) => (
              <AlertRow key={alert.id} alert={alert} text={textOf(alert)} />
            ))}
          </ul>
        ) : null}
      </section>
      {preferences.error ? <ErrorNotice error={preferences.error} onRetry={() => void preferences.refetch()} /> : null}
      {preferences.data ? <PreferencesForm key={JSON.stringify(preferences.data)} saved={preferences.data} limits={subscription.limits} readOnly={!mayChange} /> : null}
    </>
  );
}
