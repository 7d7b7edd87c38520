import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Wallet } from "lucide-react";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import { Button, Card, Cell, EmptyState, ErrorNotice, Field, Form, HeadCell, Input, ListSkeleton, Select, Table } from "@/ui";
import { toast } from "@/ui/toast";
import { BILLING, budgetsQuery } from "./queries";

const METERS = ["ai_tokens", "ai_cost", "sandbox_cpu_ms"] as const;
type Meter = (typeof METERS)[number];
type Scope = "month" | "execution";

/** Hard budgets of workflows and executions: what would go beyond one is refused before it happens. */
export function BudgetPanel() {
  const t = useTranslations("billing");
  const format = useFormatter();
  const queries = useQueryClient();
  const may = useMay("billing:write");
  const budgets = useQuery(budgetsQuery);
  const workflows = useQuery({
    queryKey: ["workflows", "names"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/workflows", { params: { query: { limit: 200, ...cursor } } }))),
  });
  const remove = useMutation({
    mutationFn: (budget_id: string) => api.DELETE("/api/v1/billing/budgets/{budget_id}", { params: { path: { budget_id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [BILLING, "budgets"] }),
    onError: (error) => toast.error(error.message),
  });
  if (budgets.isPending) return <ListSkeleton rows={2} />;
  if (budgets.error) return <ErrorNotice error={budgets.error} onRetry={() => void budgets.refetch()} />;
  const names = new Map((workflows.data?.items ?? []).map((one) => [one.id, one.name]));
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <p className="text-sm text-ink-soft">{t("budgetHint")}</p>
      {budgets.data.items.length === 0 ? (
        <EmptyState icon={Wallet} title={t("noBudgets")}>{t("noBudgetsHint")}</EmptyState>
      ) : (
        <Table label={t("budgets")}>
          <thead>
            <tr>
              <HeadCell>{t("workflow")}</HeadCell>
              <HeadCell>{t("scope")}</HeadCell>
              <HeadCell>{t("meter")}</HeadCell>
              <HeadCell className="text-right">{t("most")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {budgets.data.items.map((one) => (
              <tr key={one.id}>
                <Cell>{one.workflow_id ? (names.get(one.workflow_id) ?? t("goneWorkflow")) : t("everyWorkflow")}</Cell>
                <Cell>{t(`scopes.${one.scope}`)}</Cell>
                <Cell>{t(`budgetMeters.${one.meter}`)}</Cell>
                <Cell className="text-right tabular-nums">{format.number(one.amount)}</Cell>
                <Cell className="text-right">
                  {may ? (
                    <Button size="small" look="danger" onClick={() => remove.mutate(one.id)}>
                      {t("remove")}
                    </Button>
                  ) : null}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {may ? <BudgetForm names={names} /> : null}
    </div>
  );
}

function BudgetForm({ names }: { names: ReadonlyMap<string, string> }) {
  const t = useTranslations("billing");
  const queries = useQueryClient();
  const [workflow, setWorkflow] = useState("");
  const [scope, setScope] = useState<Scope>("month");
  const [meter, setMeter] = useState<Meter>("ai_tokens");
  const [amount, setAmount] = useState("100000");
  const add = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/budgets", { body: { workflow_id: workflow || null, scope, meter, amount: Math.max(0, Number(amount) || 0) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [BILLING, "budgets"] }),
  });
  return (
    <Card className="p-5">
      <Form className="flex flex-col gap-4" onSubmit={() => add.mutate()}>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Field label={t("workflow")}>
            <Select value={workflow} onChange={(event) => setWorkflow(event.target.value)}>
              <option value="">{t("everyWorkflow")}</option>
              {[...names].map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("scope")}>
            <Select value={scope} onChange={(event) => setScope(event.target.value as Scope)}>
              <option value="month">{t("scopes.month")}</option>
              <option value="execution">{t("scopes.execution")}</option>
            </Select>
          </Field>
          <Field label={t("meter")}>
            <Select value={meter} onChange={(event) => setMeter(event.target.value as Meter)}>
              {METERS.map((one) => (
                <option key={one} value={one}>
                  {t(`budgetMeters.${one}`)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("most")}>
            <Input type="number" min={0} value={amount} onChange={(event) => setAmount(event.target.value)} />
          </Field>
        </div>
        {add.error ? <ErrorNotice error={add.error} /> : null}
        <Button type="submit" look="primary" className="self-start" busy={add.isPending}>
          {t("addBudget")}
        </Button>
      </Form>
    </Card>
  );
}
