import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BellOff, CircleAlert, Info, TriangleAlert } from "lucide-react";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { api } from "@/api/client";
import { Button, Card, EmptyState, ErrorNotice, ListSkeleton, Moment } from "@/ui";
import { toast } from "@/ui/toast";
import { alertText } from "./alert-text";
import { PreferencesForm } from "./preferences-form";
import { BILLING, alertsQuery, preferencesQuery, type Alert } from "./queries";

const ICONS = { info: Info, warning: TriangleAlert, error: CircleAlert };
const COLOURS = { info: "text-info-text", warning: "text-warning-text", error: "text-danger-text" };

/** What the workspace was told, and what it wants to be told. */
export function AlertPanel() {
  const t = useTranslations("billing");
  const alerts = useQuery(alertsQuery);
  const preferences = useQuery(preferencesQuery);
  if (alerts.isPending || preferences.isPending) return <ListSkeleton rows={4} />;
  if (alerts.error) return <ErrorNotice error={alerts.error} onRetry={() => void alerts.refetch()} />;
  if (preferences.error) return <ErrorNotice error={preferences.error} onRetry={() => void preferences.refetch()} />;
  const open = alerts.data.items.filter((one) => one.dismissed_at === null);
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      {open.length === 0 ? (
        <EmptyState icon={BellOff} title={t("noAlerts")}>{t("noAlertsHint")}</EmptyState>
      ) : (
        <ul className="flex flex-col gap-2" aria-label={t("alerts")}>
          {open.map((alert) => (
            <li key={alert.id}>
              <AlertCard alert={alert} />
            </li>
          ))}
        </ul>
      )}
      <PreferencesForm key={JSON.stringify(preferences.data)} saved={preferences.data} />
    </div>
  );
}

function AlertCard({ alert }: { alert: Alert }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const locale = useLocale();
  const queries = useQueryClient();
  const dismiss = useMutation({
    mutationFn: () => api.POST("/api/v1/billing/alerts/{alert_id}/dismiss", { params: { path: { alert_id: alert.id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [BILLING, "alerts"] }),
    onError: (error) => toast.error(error.message),
  });
  const Icon = ICONS[alert.level];
  const text = alertText(alert, t, format, locale);
  return (
    <Card className="flex flex-wrap items-start gap-3 p-3 text-sm">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${COLOURS[alert.level]}`} />
      <span className="min-w-48 flex-1">
        {text}
        <span className="block text-xs text-ink-faint">
          <Moment at={alert.created_at} />
        </span>
      </span>
      <Button size="small" busy={dismiss.isPending} onClick={() => dismiss.mutate()} aria-label={t("dismissNamed", { text })}>
        {t("dismiss")}
      </Button>
    </Card>
  );
}
