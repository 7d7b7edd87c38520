import { useTranslations } from "use-intl";
import { useMay } from "@/api/me";
import { Badge, Card, type Tone } from "@/ui";
import { usePlanNames } from "../alerts/use-plan-names";
import type { Subscription } from "../billing-queries";
import { Day } from "../day";
import { useNames } from "../names";
import { PromotionPart } from "../tax/promotion-part";
import { useMoney } from "../use-money";
import { PlanActions } from "./plan-actions";

const TONES: Record<string, Tone> = {
  active: "success",
  trialing: "info",
  past_due: "danger",
  unpaid: "danger",
  incomplete: "warning",
  paused: "warning",
};

/** Where the subscription does not hold: the workspace is on another plan than the one that has its price. */
const WAITING = new Set(["unpaid", "incomplete", "paused"]);

/** The plan with what it costs and until when it is paid. */
export function PlanCard({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const names = useNames();
  const { money } = useMoney();
  const mayChange = useMay("billing:write");
  const { plan_name: plan, status, interval, amount, currency, seats } = subscription;
  const ends = subscription.cancel_at_period_end;
  const planNames = usePlanNames();
  const subscribed = subscription.subscribed_plan ?? subscription.plan;
  const waits = status !== null && WAITING.has(status);
  const price = status === "trialing" ? "downgrades.paidAfterTrial" : waits ? "remedies.paidOncePaid" : "paidEach";
  return (
    <Card className="flex flex-col gap-4 p-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <p className="text-[13px] text-ink-soft">{t("yourPlan")}</p>
          <h2 className="flex flex-wrap items-center gap-2 text-lg font-semibold">
            {plan}
            {status ? <Badge tone={TONES[status] ?? "neutral"}>{names.status(status)}</Badge> : null}
          </h2>
          {amount !== null && interval && !(status === "trialing" && subscription.scheduled_change) ? (
            <p className="text-sm text-ink-soft">{t(`${price}.${interval}`, { amount: money(amount, currency), plan: planNames.get(subscribed) ?? subscribed })}</p>
          ) : null}
        </div>
        {mayChange ? <PlanActions subscription={subscription} /> : null}
      </div>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 text-sm sm:grid-cols-4 [&_dd]:font-medium [&_dt]:text-[13px] [&_dt]:text-ink-soft">
        {seats !== null && status ? (
          <div>
            <dt>{t("seats")}</dt>
            <dd className="tabular-nums">{seats}</dd>
          </div>
        ) : null}
        {subscription.current_period_end && status && status !== "trialing" && !waits ? (
          <div>
            <dt>{ends ? t("endsOn") : t("renewsOn")}</dt>
            <dd>
              <Day at={subscription.current_period_end} />
            </dd>
          </div>
        ) : null}
        {subscription.trial_end && status === "trialing" ? (
          <div>
            <dt>{t("trialEndsOn")}</dt>
            <dd>
              <Day at={subscription.trial_end} />
            </dd>
          </div>
        ) : null}
        <div>
          <dt>{t("countedAnew")}</dt>
          <dd>
            <Day at={subscription.usage_period_end} />
          </dd>
        </div>
      </dl>
      <PromotionPart subscription={subscription} />
    </Card>
  );
}
