import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Button, Notice } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Subscription } from "../billing-queries";
import { brandName } from "../brand";
import { useDay } from "../day";
import { RemedyButtons } from "./remedy-buttons";
import { useMoney } from "../use-money";

/** What of the subscription's state calls for somebody, and that it is about to end. */
export function StateBanner({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing.banner");
  const payments = useTranslations("billing.payments");
  const day = useDay();
  const mayChange = useMay("billing:write");
  const { banner, grace_until: grace, trial_end: trial, plan_name: plan } = subscription;
  const remedies = <RemedyButtons subscription={subscription} />;
  const payment = (
    <Button asChild size="small">
      <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "payment" }}>
        {t("toPayment")}
      </Link>
    </Button>
  );
  const invoices = (
    <Button asChild size="small">
      <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "invoices" }}>
        {t("toInvoices")}
      </Link>
    </Button>
  );
  return (
    <>
      {banner === "past_due" && !subscription.payment_action ? (
        <Notice tone="danger" title={t("pastDueTitle")} actions={mayChange ? <>{remedies}{payment}{invoices}</> : null}>
          {grace && subscription.collection_method === "send_invoice"
            ? payments("pastDueTransfer", { plan, day: day(grace) })
            : grace
              ? t("pastDueUntil", { plan, day: day(grace) })
              : t("pastDue")}
        </Notice>
      ) : null}
      {banner === "unpaid" ? (
        <Notice tone="danger" title={t("unpaidTitle")} actions={mayChange ? <>{remedies}{payment}{invoices}</> : null}>
          {t("unpaid")}
        </Notice>
      ) : null}
      {banner === "trial" && trial && !subscription.cancel_at_period_end ? (
        <Notice tone="info" title={t("trialTitle")} actions={mayChange ? payment : null}>
          <TrialText subscription={subscription} until={day(trial)} />
        </Notice>
      ) : null}
      {banner === "incomplete" ? (
        <Notice tone="warning" title={t("incompleteTitle")} actions={mayChange ? <>{remedies}{invoices}</> : null}>
          {t("incomplete")}
        </Notice>
      ) : null}
      {banner === "paused" ? (
        <Notice tone="warning" title={t("pausedTitle")} actions={mayChange ? <>{remedies}{payment}</> : null}>
          {t("paused")}
        </Notice>
      ) : null}
      {subscription.cancel_at_period_end && subscription.current_period_end ? (
        <Notice tone="warning" title={t("endsTitle", { plan, day: day(subscription.current_period_end) })} actions={mayChange ? <ResumeButton /> : null}>
          {t("ends")}
        </Notice>
      ) : null}
    </>
  );
}

/** What is charged after the trial, when and by which card, or that nothing is. */
function TrialText({ subscription, until }: { subscription: Subscription; until: string }) {
  const t = useTranslations("billing.banner");
  const { money } = useMoney();
  const { amount, discount, currency, interval, charged, plan_name: plan } = subscription;
  // Who does not see what is paid is told until when it is free; and so is everybody where another plan follows.
  if (amount === null || interval === null || subscription.scheduled_change !== null) return t("trialUntil", { plan, day: until });
  if (charged === null) return t("trial", { plan, day: until });
  const by = charged.brand ? t("trialCard", { brand: brandName(charged.brand), last4: charged.last4 ?? "" }) : t("trialMethod");
  return t("trialCharged", { plan, day: until, amount: money(amount - (discount ?? 0), currency), interval, by });
}

function ResumeButton() {
  const t = useTranslations("billing");
  const refresh = useRefreshBilling();
  const resume = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/resume")),
    onSuccess: () => toast.success(t("resumed")),
    onError: toast.failed,
    // Stripe may have done it although its answer was lost.
    onSettled: refresh,
  });
  return (
    <Button size="small" busy={resume.isPending} onClick={() => resume.mutate()}>
      {t("resume")}
    </Button>
  );
}
