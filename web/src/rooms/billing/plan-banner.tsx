import { CircleAlert, Info } from "lucide-react";
import { useFormatter, useTranslations } from "use-intl";
import type { Subscription } from "./queries";

const URGENT = new Set(["past_due", "unpaid"]);
const BANNERS = ["trial", "past_due", "unpaid", "incomplete", "paused"] as const;

/** What the state of the subscription asks of people, in one line. */
export function PlanBanner({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const day = (at: string | null) => (at ? format.dateTime(new Date(at), { dateStyle: "long" }) : "");
  const banner = BANNERS.find((one) => one === subscription.banner);
  if (subscription.cancel_at_period_end && !URGENT.has(banner ?? "")) {
    return <Line text={t("ends", { plan: subscription.plan_name, until: day(subscription.current_period_end) })} />;
  }
  if (!banner) return null;
  const until = day(banner === "past_due" ? subscription.grace_until : subscription.trial_end);
  return <Line text={t(`banner.${banner}`, { until, plan: subscription.plan_name })} urgent={URGENT.has(banner)} />;
}

function Line({ text, urgent = false }: { text: string; urgent?: boolean }) {
  const Icon = urgent ? CircleAlert : Info;
  return (
    <p role={urgent ? "alert" : "status"} className={`flex gap-2 rounded-lg p-3 text-sm ${urgent ? "bg-danger-soft text-danger-text" : "bg-info-soft text-info-text"}`}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      {text}
    </p>
  );
}
