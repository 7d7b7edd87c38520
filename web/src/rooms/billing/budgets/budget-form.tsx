import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Card, ErrorNotice, Field, Form, Input, Select } from "@/ui";
import { budgetsQuery, type Budget } from "../billing-queries";
import { useNames } from "../names";
import { BUDGET_METERS, SCALE, SCOPES } from "./budget-meters";

/** Sets a budget: beyond it, what would be used is refused before it happens. */
export function BudgetForm({ workflows }: { workflows: readonly { id: string; name: string }[] }) {
  const t = useTranslations("billing");
  const names = useNames();
  const queries = useQueryClient();
  const [workflow, setWorkflow] = useState("");
  const [scope, setScope] = useState<Budget["scope"]>("month");
  const [meter, setMeter] = useState<Budget["meter"]>("ai_tokens");
  const [amount, setAmount] = useState("");
  const number = Number(amount);
  const set = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/billing/budgets", {
          body: { workflow_id: workflow || null, scope, meter, amount: Math.round(number * SCALE[meter]) },
        }),
      ),
    onSuccess: () => {
      setAmount("");
      return queries.invalidateQueries({ queryKey: budgetsQuery.queryKey });
    },
  });
  return (
    <Card className="p-4">
      <Form className="grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-[2fr_1fr_1fr_1fr_auto]" onSubmit={() => set.mutate()}>
        <Field label={t("workflow")}>
          <Select value={workflow} onChange={(event) => setWorkflow(event.target.value)}>
            <option value="">{t("everyWorkflow")}</option>
            {workflows.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("scope")}>
          <Select value={scope} onChange={(event) => setScope(event.target.value as Budget["scope"])}>
            {SCOPES.map((one) => (
              <option key={one} value={one}>
                {t(`scopes.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("meterChoice")}>
          <Select value={meter} onChange={(event) => setMeter(event.target.value as Budget["meter"])}>
            {BUDGET_METERS.map((one) => (
              <option key={one} value={one}>
                {names.meter(one)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t(`budgetUnits.${meter}`)}>
          <Input type="number" min={0} step={meter === "ai_cost" ? "0.01" : "1"} value={amount} onChange={(event) => setAmount(event.target.value)} />
        </Field>
        <Button type="submit" look="primary" busy={set.isPending} disabled={amount === "" || !(number >= 0)}>
          {t("setBudget")}
        </Button>
      </Form>
      {set.error ? <div className="mt-3"><ErrorNotice error={set.error} /></div> : null}
    </Card>
  );
}
