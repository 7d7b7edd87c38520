import { Link } from "@tanstack/react-router";
import { useLocale, useTranslations } from "use-intl";
import { Cell, HeadCell, Table } from "@/ui";
import type { Usage } from "../billing-queries";
import { useNames } from "../names";
import { meterText } from "../quantity";

interface UsageWorkflowsProps {
  usage: Usage;
  meter: string;
  kind: string;
}

/** Which workflows used a meter, the most first. */
export function UsageWorkflows({ usage, meter, kind }: UsageWorkflowsProps) {
  const t = useTranslations("billing");
  const names = useNames();
  const locale = useLocale();
  const rows = usage.workflows.filter((one) => one.meter === meter && one.quantity > 0).sort((a, b) => b.quantity - a.quantity);
  const total = rows.reduce((sum, one) => sum + one.quantity, 0);
  return (
    <section aria-label={t("byWorkflow")} className="flex flex-col gap-2">
      <h2 className="text-base font-semibold">{t("byWorkflow")}</h2>
      {rows.length === 0 ? (
        <p className="text-sm text-ink-soft">{t("noWorkflowUsed")}</p>
      ) : (
        <Table label={t("byWorkflow")}>
          <thead>
            <tr>
              <HeadCell>{t("workflow")}</HeadCell>
              <HeadCell className="text-right">{names.meter(meter)}</HeadCell>
              <HeadCell className="text-right">{t("share")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.workflow_id}>
                <Cell className="max-w-72 truncate">
                  {row.name === null ? (
                    <span className="text-ink-faint">{t("goneWorkflow")}</span>
                  ) : (
                    <Link to="/workflows/$workflowId" params={{ workflowId: row.workflow_id }} className="font-medium underline-offset-2 hover:underline">
                      {row.name}
                    </Link>
                  )}
                </Cell>
                <Cell className="text-right tabular-nums">{meterText(kind, row.quantity, locale)}</Cell>
                <Cell className="text-right tabular-nums">{Math.round((row.quantity * 100) / total)} %</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  );
}
