import { useFormatter, useTranslations } from "use-intl";
import { Cell, HeadCell, Table } from "@/ui";
import type { Revenue } from "../billing-queries";
import { useNames } from "../names";
import { usePlanNames } from "../alerts/use-plan-names";
import { Amounts } from "./amounts";

/** What each plan earns, and what the workspaces on it use. */
export function PlanFigures({ plans }: { plans: Revenue["plans"] }) {
  const t = useTranslations("billing.revenue");
  const figures = useTranslations("billing.revenueFigures.figures");
  const names = useNames();
  const planNames = usePlanNames();
  const format = useFormatter();
  const meters = [...new Set(plans.flatMap((one) => Object.keys(one.usage)))];
  return (
    <section aria-label={t("byPlan")} className="flex flex-col gap-2">
      <h2 className="text-base font-semibold">{t("byPlan")}</h2>
      <Table label={t("byPlan")}>
        <thead>
          <tr>
            <HeadCell>{t("plan")}</HeadCell>
            <HeadCell className="text-right">{figures("workspaces")}</HeadCell>
            <HeadCell className="text-right">{t("monthly")}</HeadCell>
            {meters.map((one) => (
              <HeadCell key={one} className="text-right">
                {names.limit(one) === one.replaceAll("_", " ") ? names.meter(one) : names.limit(one)}
              </HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {plans.map((one) => (
            <tr key={one.plan}>
              <Cell className="font-medium">{planNames.get(one.plan) ?? one.plan}</Cell>
              <Cell className="text-right tabular-nums">{format.number(one.workspaces)}</Cell>
              <Cell className="text-right tabular-nums">
                <Amounts amounts={one.monthly} />
              </Cell>
              {meters.map((meter) => (
                <Cell key={meter} className="text-right tabular-nums">
                  {format.number(one.usage[meter] ?? 0)}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
