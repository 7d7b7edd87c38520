import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { ErrorNotice, ListSkeleton } from "@/ui";
import { OverridesPart } from "./overrides-part";
import { PlanFigures } from "./plan-figures";
import { RevenueFigures } from "./revenue-figures";

/** For the administrator: what the instance earns, and what is granted beyond plans. */
export function RevenueSection() {
  const t = useTranslations("billing.revenue");
  const revenue = useQuery({ queryKey: ["instance", "revenue"], queryFn: () => body(api.GET("/api/v1/instance/revenue")) });
  return (
    <div className="flex flex-col gap-5">
      <p className="text-sm text-ink-soft">{t("hint")}</p>
      {revenue.isPending ? <ListSkeleton rows={4} /> : null}
      {revenue.error ? <ErrorNotice error={revenue.error} onRetry={() => void revenue.refetch()} /> : null}
      {revenue.data ? (
        <>
          <RevenueFigures revenue={revenue.data} />
          <PlanFigures plans={revenue.data.plans} />
        </>
      ) : null}
      <OverridesPart />
    </div>
  );
}
