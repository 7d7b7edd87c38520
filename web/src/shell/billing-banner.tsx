import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, X } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useMay } from "@/api/me";
import { useAlertText } from "@/rooms/billing/alerts/use-alert-text";
import { useDismiss } from "@/rooms/billing/alerts/use-dismiss";
import { usePlanNames } from "@/rooms/billing/alerts/use-plan-names";
import { alertsQuery, subscriptionQuery, type Alert, type Subscription } from "@/rooms/billing/billing-queries";
import { Button, IconButton } from "@/ui";
import { readHidden, writeHidden } from "./hidden-banner";

/** What about paying cannot wait, on every page, for those who see money. */
export function BillingBanner() {
  return useMay("billing:read") ? <Asking /> : null;
}

function Asking() {
  const subscription = useQuery({ ...subscriptionQuery, refetchInterval: false });
  const counted = subscription.data !== undefined && subscription.data.mode !== "off";
  const alerts = useQuery({ ...alertsQuery, enabled: counted });
  const [hidden, setHidden] = useState(readHidden);
  if (!subscription.data || !counted) return null;
  const urgent = alerts.data?.items.find((one) => one.level === "error" && one.dismissed_at === null && one.resolved_at === null);
  const state = stateOf(subscription.data);
  const hide = (name: string) => {
    writeHidden(name);
    setHidden(name);
  };
  if (urgent) return <AlertBanner alert={urgent} />;
  return state && hidden !== state.key ? <StateBanner banner={state.banner} onHide={() => hide(state.key)} /> : null;
}

/** The state that calls for somebody; its key is another once it happens again. */
function stateOf({ banner, current_period_end: end }: Subscription): { banner: "past_due" | "unpaid"; key: string } | null {
  return banner === "past_due" || banner === "unpaid" ? { banner, key: `${banner}:${end ?? ""}` } : null;
}

function AlertBanner({ alert }: { alert: Alert }) {
  const textOf = useAlertText(usePlanNames());
  const dismiss = useDismiss();
  return <Strip text={textOf(alert)} tab={alert.kind === "payment_failed" ? "invoices" : "overview"} onHide={() => dismiss.mutate(alert.id)} />;
}

function StateBanner({ banner, onHide }: { banner: "past_due" | "unpaid"; onHide: () => void }) {
  const t = useTranslations("billing.banner");
  return <Strip text={banner === "past_due" ? t("pastDueTitle") : t("unpaidTitle")} tab="overview" onHide={onHide} />;
}

function Strip({ text, tab, onHide }: { text: string; tab: "overview" | "invoices"; onHide: () => void }) {
  const t = useTranslations("billing");
  return (
    <section aria-label={t("shellAlerts")} className="flex items-center gap-3 border-b border-danger/40 bg-danger-soft px-4 py-1.5 text-sm text-danger-text">
      <CircleAlert aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1">{text}</p>
      <Button asChild size="small">
        <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab }}>
          {t("toBilling")}
        </Link>
      </Button>
      <IconButton label={t("hideBanner")} className="text-danger-text" onClick={onHide}>
        <X aria-hidden />
      </IconButton>
    </section>
  );
}
