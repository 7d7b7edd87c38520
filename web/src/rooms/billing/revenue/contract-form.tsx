import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, Card, ErrorNotice, Field, Form, Input, Select } from "@/ui";
import { toast } from "@/ui/toast";
import { plansQuery } from "../billing-queries";
import { minorUnits } from "../money";

const START = { workspace: "", plan: "enterprise", interval: "year", seats: "1", currency: "eur", price: "", days: "30" };

/** Has a workspace invoiced at an agreed price. */
export function ContractForm() {
  const t = useTranslations("billing.payments");
  const queries = useQueryClient();
  const plans = useQuery(plansQuery);
  const [wish, setWish] = useState(START);
  const set = (name: keyof typeof START) => (event: { target: { value: string } }) => setWish({ ...wish, [name]: event.target.value });
  const unitAmount = minorUnits(wish.price, wish.currency);
  const begin = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/instance/contracts", {
          body: {
            workspace_id: wish.workspace.trim(),
            plan: wish.plan,
            interval: wish.interval === "month" ? "month" : "year",
            seats: Number(wish.seats),
            currency: wish.currency.trim().toLowerCase(),
            unit_amount: unitAmount ?? 0,
            days_until_due: Number(wish.days),
          },
        }),
      ),
    onSuccess: async () => {
      setWish(START);
      toast.success(t("begun"));
      await queries.invalidateQueries({ queryKey: ["instance"] });
    },
  });
  const wrong = (pointer: string) => (begin.error instanceof Problem ? begin.error.at(pointer) : undefined);
  return (
    <section aria-label={t("contract")} className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">{t("contract")}</h2>
      <p className="text-sm text-ink-soft">{t("contractHint")}</p>
      <Card className="p-4">
        <Form className="grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-4" onSubmit={() => begin.mutate()}>
          <Field label={t("workspaceId")} error={wrong("/workspace_id")} className="sm:col-span-2">
            <Input value={wish.workspace} spellCheck={false} className="font-mono text-xs" onChange={set("workspace")} />
          </Field>
          <Field label={t("plan")} error={wrong("/plan")}>
            <Select value={wish.plan} onChange={set("plan")}>
              {plans.data?.items
                .filter((one) => one.plan !== "free")
                .map((one) => (
                  <option key={one.plan} value={one.plan}>
                    {one.name}
                  </option>
                ))}
            </Select>
          </Field>
          <Field label={t("interval")}>
            <Select value={wish.interval} onChange={set("interval")}>
              <option value="month">{t("intervals.month")}</option>
              <option value="year">{t("intervals.year")}</option>
            </Select>
          </Field>
          <Field label={t("price")} error={wrong("/unit_amount")}>
            <Input inputMode="decimal" value={wish.price} onChange={set("price")} />
          </Field>
          <Field label={t("currency")} error={wrong("/currency")}>
            <Input value={wish.currency} maxLength={3} onChange={set("currency")} />
          </Field>
          <Field label={t("seats")} error={wrong("/seats")}>
            <Input type="number" min={1} step={1} value={wish.seats} onChange={set("seats")} />
          </Field>
          <Field label={t("daysUntilDue")} error={wrong("/days_until_due")}>
            <Input type="number" min={1} step={1} value={wish.days} onChange={set("days")} />
          </Field>
          <div className="sm:col-span-2 lg:col-span-4">
            <Button type="submit" look="primary" busy={begin.isPending} disabled={!wish.workspace.trim() || !unitAmount}>
              {t("begin")}
            </Button>
          </div>
          {begin.error ? (
            <div className="sm:col-span-2 lg:col-span-4">
              <ErrorNotice error={begin.error} />
            </div>
          ) : null}
        </Form>
      </Card>
    </section>
  );
}
