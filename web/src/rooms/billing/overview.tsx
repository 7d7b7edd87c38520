import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Badge, Button, Card, useConfirm, type Tone } from "@/ui";
import { toast } from "@/ui/toast";
import { LimitMeter } from "./limit-meter";
import { money } from "./money";
import { PlanBanner } from "./plan-banner";
import { BILLING, subscriptionQuery, type Subscription } from "./queries";

const TONES: Record<string, Tone> = { active: "success", trialing: "info", past_due: "danger", unpaid: "danger", incomplete: "warning", paused: "warning" };
const KNOWN = ["active", "trialing", "past_due", "unpaid", "incomplete", "paused", "canceled", "incomplete_expired"] as const;

/** What the workspace has, how far it is used, and the way to more or to an end. */
export function Overview({ subscription, onPlans }: { subscription: Subscription; onPlans: () => void }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const locale = useLocale();
  const { status, interval, currency } = subscription;
  const known = KNOWN.find((one) => one === status);
  const day = (at: string) => format.dateTime(new Date(at), { dateStyle: "long" });
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <PlanBanner subscription={subscription} />
      <Card className="flex flex-col gap-4 p-5">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <div className="flex flex-wrap items-center gap-3">
            <h2 className="text-lg font-semibold">{t("planNamed", { plan: subscription.plan_name })}</h2>
            {known ? <Badge tone={TONES[known] ?? "neutral"}>{t(`status.${known}`)}</Badge> : null}
          </div>
          {subscription.mode === "off" ? null : (
            <Button look="primary" onClick={onPlans}>
              {t("seePlans")}
            </Button>
          )}
        </div>
        <dl className="grid grid-cols-[max-content_1fr] gap-x-5 gap-y-1.5 text-sm">
          {subscription.amount !== null && interval && known ? (
            <>
              <dt className="text-ink-soft">{t("price")}</dt>
              <dd>
                {t(interval === "month" ? "perMonth" : "perYear", { amount: money(subscription.amount, currency, locale) })}
                {(subscription.seats ?? 1) > 1 ? ` · ${t("seats", { count: subscription.seats ?? 1 })}` : ""}
              </dd>
            </>
          ) : null}
          {subscription.trial_end && status === "trialing" ? (
            <>
              <dt className="text-ink-soft">{t("trialEnds")}</dt>
              <dd>{day(subscription.trial_end)}</dd>
            </>
          ) : null}
          {subscription.current_period_end && status === "active" ? (
            <>
              <dt className="text-ink-soft">{subscription.cancel_at_period_end ? t("endsOn") : t("renewsOn")}</dt>
              <dd>{day(subscription.current_period_end)}</dd>
            </>
          ) : null}
          <dt className="text-ink-soft">{t("usagePeriod")}</dt>
          <dd>
            {t("fromTo", { from: day(subscription.usage_period_start), to: day(subscription.usage_period_end) })}
          </dd>
        </dl>
        <Actions subscription={subscription} />
      </Card>
      <Card className="flex flex-col gap-5 p-5">
        <h2 className="font-semibold">{t("limits")}</h2>
        {subscription.limits.map((limit) => (
          <LimitMeter key={limit.name} limit={limit} />
        ))}
        {subscription.held_executions > 0 ? (
          <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-warning-soft p-3 text-sm text-warning-text">
            <p className="min-w-48 flex-1">{t("held", { count: subscription.held_executions })}</p>
            <Button size="small" onClick={onPlans}>
              {t("upgrade")}
            </Button>
          </div>
        ) : null}
      </Card>
    </div>
  );
}

function Actions({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const may = useMay("billing:write");
  const runs = ["active", "trialing", "past_due"].includes(subscription.status ?? "");
  const change = useMutation({
    mutationFn: (ends: boolean) => body(ends ? api.POST("/api/v1/billing/cancel") : api.POST("/api/v1/billing/resume")),
    onSuccess: (found) => {
      queries.setQueryData(subscriptionQuery.queryKey, found);
      void queries.invalidateQueries({ queryKey: [BILLING] });
      toast.success(found.cancel_at_period_end ? t("cancelled") : t("resumed"));
    },
    onError: (error) => toast.error(error.message),
  });
  const portal = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/portal")),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => toast.error(error.message),
  });
  if (!may || !runs) return null;
  const until = format.dateTime(new Date(subscription.current_period_end ?? 0), { dateStyle: "long" });
  const ask = async () => {
    const yes = await confirm({ title: t("cancelTitle", { plan: subscription.plan_name }), detail: t("cancelDetail", { until }), action: t("cancelPlan"), danger: true });
    if (yes) change.mutate(true);
  };
  return (
    <div className="flex flex-wrap gap-2 border-t pt-4">
      <Button busy={portal.isPending} onClick={() => portal.mutate()}>
        {t("manage")}
      </Button>
      {subscription.cancel_at_period_end ? (
        <Button look="primary" busy={change.isPending} onClick={() => change.mutate(false)}>
          {t("resume")}
        </Button>
      ) : (
        <Button look="danger" busy={change.isPending} onClick={() => void ask()}>
          {t("cancelPlan")}
        </Button>
      )}
    </div>
  );
}
