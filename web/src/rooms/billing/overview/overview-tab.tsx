import { useTranslations } from "use-intl";
import { Card } from "@/ui";
import type { TabProps } from "../billing-section";
import { WaitingNotices } from "../payments/waiting-notices";
import { AboveLimitsNotice } from "../downgrades/above-limits-notice";
import { ScheduledNotice } from "../downgrades/scheduled-notice";
import { HeldNotice } from "./held-notice";
import { IncludedList } from "./included-list";
import { LimitMeter } from "./limit-meter";
import { PlanCard } from "./plan-card";
import { StateBanner } from "./state-banner";

/** Which plan holds, how far its limits are used, and what there is to do about it. */
export function OverviewTab({ subscription }: TabProps) {
  const t = useTranslations("billing");
  return (
    <>
      <WaitingNotices subscription={subscription} />
      <StateBanner subscription={subscription} />
      <ScheduledNotice subscription={subscription} />
      <AboveLimitsNotice />
      {subscription.held_executions > 0 ? <HeldNotice count={subscription.held_executions} endsAt={subscription.usage_period_end} /> : null}
      <PlanCard subscription={subscription} />
      <section aria-label={t("limitsTitle")} className="flex flex-col gap-3">
        <h2 className="text-base font-semibold">{t("limitsTitle")}</h2>
        <div className="grid gap-3 lg:grid-cols-3">
          {subscription.limits.map((limit) => (
            <LimitMeter key={limit.name} limit={limit} currency={subscription.currency} endsAt={subscription.usage_period_end} />
          ))}
        </div>
      </section>
      <Card className="p-4">
        <IncludedList subscription={subscription} />
      </Card>
    </>
  );
}
