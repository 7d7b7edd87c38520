import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { ErrorNotice, ListSkeleton } from "@/ui";
import { PlanFigures } from "./plan-figures";
import { RevenueFigures } from "./revenue-figures";

/** What the instance earns. */
export function FiguresTab() {
  const t = useTranslations("billing.revenue");
  const revenue = useQuery({ queryKey: ["instance", "revenue"], queryFn: () => body(api.GET("/api/v1/instance/revenue")) });
  return (
    <>
      <p className="text-sm text-ink-soft">{t("hint")}</p>
      {revenue.isPending ? <ListSkeleton rows={4} /> : null}
      {revenue.error ? <ErrorNotice error={revenue.error} onRetry={() => void revenue.refetch()} /> : null}
      {revenue.data ? (
        <>
          <RevenueFigures revenue={revenue.data} />
          <PlanFigures plans={revenue.data.plans} />
        </>
      ) : null}
    </>
  );
}
