import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Button, Notice } from "@/ui";
import { toast } from "@/ui/toast";
import { plansQuery, useRefreshBilling, type Subscription } from "../billing-queries";
import { useMoney } from "../use-money";

/** What waits for the bank's consent, and where to give it. */
export function WaitingNotices({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing.payments");
  const mayChange = useMay("billing:write");
  const { money } = useMoney();
  const { pending_change: change, payment_action: action } = subscription;
  useLookAgain(change !== null || action !== null);
  return (
    <>
      {action ? (
        <Notice tone="danger" title={t("actionTitle")} actions={mayChange && action.url ? <ConfirmLink url={action.url} /> : null}>
          {t("actionDetail", { amount: money(action.amount, action.currency), number: action.number ?? "–" })}
        </Notice>
      ) : null}
      {change ? <PendingChange change={change} mayChange={mayChange} /> : null}
    </>
  );
}

/** Has the server look at Stripe when somebody comes back from the bank's page. */
function useLookAgain(waits: boolean): void {
  const refresh = useRefreshBilling();
  useEffect(() => {
    if (!waits) return;
    const look = () => {
      if (document.visibilityState === "visible") void api.POST("/api/v1/billing/refresh").then(refresh, toast.failed);
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [waits, refresh]);
}

function ConfirmLink({ url }: { url: string }) {
  const t = useTranslations("billing.payments");
  return (
    <Button asChild size="small" look="primary">
      <a href={url} target="_blank" rel="noopener">{t("pendingConfirm")}</a>
    </Button>
  );
}

function PendingChange({ change, mayChange }: { change: NonNullable<Subscription["pending_change"]>; mayChange: boolean }) {
  const t = useTranslations("billing.payments");
  const format = useFormatter();
  const { money } = useMoney();
  const refresh = useRefreshBilling();
  const plans = useQuery(plansQuery);
  const drop = useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/billing/pending-change")),
    onSuccess: () => toast.success(t("pendingDropped")),
    onError: toast.failed,
    onSettled: refresh,
  });
  const plan = plans.data?.items.find((one) => one.plan === change.plan)?.name ?? change.plan ?? "–";
  const actions = (
    <>
      {change.confirm_url ? <ConfirmLink url={change.confirm_url} /> : null}
      <Button size="small" busy={drop.isPending} onClick={() => drop.mutate()}>
        {t("pendingDrop")}
      </Button>
    </>
  );
  return (
    <Notice tone="warning" title={t("pendingTitle", { plan })} actions={mayChange ? actions : null}>
      {t("pendingDetail", {
        amount: change.amount !== null && change.currency ? money(change.amount, change.currency) : "–",
        moment: format.dateTime(new Date(change.expires_at), { dateStyle: "medium", timeStyle: "short" }),
      })}
    </Notice>
  );
}
