import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import { Button, Cell, ErrorNotice, HeadCell, ListSkeleton, Table, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { budgetsQuery, type Budget } from "../billing-queries";
import { useNames } from "../names";
import { meterText, UNITS } from "../quantity";
import { BudgetForm } from "./budget-form";

/** What workflows and executions may use at most. */
export function BudgetsTab() {
  const t = useTranslations("billing");
  const mayChange = useMay("billing:write");
  const budgets = useQuery(budgetsQuery);
  const workflows = useQuery({
    queryKey: ["workflows", "names"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/workflows", { params: { query: { limit: 200, ...cursor } } }))),
  });
  const named = workflows.data?.items ?? [];
  return (
    <>
      <p className="max-w-prose text-sm text-ink-soft">{t("budgetsHint")}</p>
      {mayChange ? <BudgetForm workflows={named} /> : null}
      {budgets.isPending ? <ListSkeleton rows={2} /> : null}
      {budgets.error ? <ErrorNotice error={budgets.error} onRetry={() => void budgets.refetch()} /> : null}
      {budgets.data?.items.length === 0 ? <p className="text-sm text-ink-soft">{t("noBudgets")}</p> : null}
      {budgets.data && budgets.data.items.length > 0 ? (
        <Table stacks label={t("tabs.budgets")}>
          <thead>
            <tr>
              <HeadCell>{t("workflow")}</HeadCell>
              <HeadCell>{t("scope")}</HeadCell>
              <HeadCell className="text-right">{t("atMost")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {budgets.data.items.map((budget) => (
              <BudgetRow
                key={budget.id}
                budget={budget}
                workflow={budget.workflow_id === null ? t("everyWorkflow") : (named.find((one) => one.id === budget.workflow_id)?.name ?? t("goneWorkflow"))}
                mayChange={mayChange}
              />
            ))}
          </tbody>
        </Table>
      ) : null}
    </>
  );
}

function BudgetRow({ budget, workflow, mayChange }: { budget: Budget; workflow: string; mayChange: boolean }) {
  const t = useTranslations("billing");
  const names = useNames();
  const locale = useLocale();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/billing/budgets/{budget_id}", { params: { path: { budget_id: budget.id } } }),
    onError: toast.failed,
    onSettled: () => queries.invalidateQueries({ queryKey: budgetsQuery.queryKey }),
  });
  const ask = async () => {
    if (await confirm({ title: t("deleteBudgetTitle"), detail: t("deleteBudgetDetail", { workflow }), action: t("delete"), danger: true })) remove.mutate();
  };
  const amount = meterText(UNITS[budget.meter] ?? "", budget.amount, locale);
  return (
    <tr>
      <Cell className="max-w-64 truncate">{workflow}</Cell>
      <Cell>{t(`scopes.${budget.scope}`)}</Cell>
      <Cell heading={t("atMost")} className="text-right tabular-nums">
        {amount} <span className="text-ink-soft">{names.meter(budget.meter)}</span>
      </Cell>
      <Cell className="text-right">
        {mayChange ? (
          <Button size="small" look="danger" busy={remove.isPending} aria-label={t("deleteBudgetNamed", { workflow, amount })} onClick={() => void ask()}>
            {t("delete")}
          </Button>
        ) : null}
      </Cell>
    </tr>
  );
}
