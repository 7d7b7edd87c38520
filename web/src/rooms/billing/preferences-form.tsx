import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Button, Card, Checkbox, ErrorNotice, Field, Form, Input, Select } from "@/ui";
import { toast } from "@/ui/toast";
import { BILLING, type Preferences } from "./queries";

const LIMITS = ["executions", "ai_tokens", "api_calls"] as const;
const KINDS = ["usage", "payment_failed", "card_expiring", "trial_ending", "unusual_spend", "subscription"] as const;
type AtLimit = "refuse" | "queue" | "overage";

/** What happens at limits, and which alerts come by mail. */
export function PreferencesForm({ saved }: { saved: Preferences }) {
  const t = useTranslations("billing");
  const queries = useQueryClient();
  const may = useMay("billing:write");
  const [atLimit, setAtLimit] = useState<Record<string, AtLimit>>(saved.at_limit);
  const [caps, setCaps] = useState<Record<string, number>>(saved.overage_caps);
  const [mail, setMail] = useState<Record<string, boolean>>(saved.mail);
  const save = useMutation({
    mutationFn: () => body(api.PUT("/api/v1/billing/preferences", { body: { at_limit: atLimit, overage_caps: caps, mail } })),
    onSuccess: async () => {
      toast.success(t("saved"));
      await queries.invalidateQueries({ queryKey: [BILLING] });
    },
  });
  return (
    <Card className="p-5">
      <Form className="flex flex-col gap-5" onSubmit={() => save.mutate()}>
        <fieldset className="flex flex-col gap-3" disabled={!may}>
          <legend className="mb-2 font-semibold">{t("whenReached")}</legend>
          {LIMITS.map((name) => {
            const choices: AtLimit[] = ["refuse", ...(name === "executions" ? (["queue"] as const) : []), ...(saved.overage_for.includes(name) ? (["overage"] as const) : [])];
            return (
              <div key={name} className="flex flex-wrap gap-3">
                <Field label={t(`limitNames.${name}`)} className="w-72 max-w-full">
                  <Select value={atLimit[name] ?? "refuse"} onChange={(event) => setAtLimit({ ...atLimit, [name]: event.target.value as AtLimit })}>
                    {choices.map((one) => (
                      <option key={one} value={one}>
                        {t(`choice.${one}`)}
                      </option>
                    ))}
                  </Select>
                </Field>
                {atLimit[name] === "overage" ? (
                  <Field label={t("cap")} className="w-44">
                    <Input type="number" min={0} value={caps[name] ?? 0} onChange={(event) => setCaps({ ...caps, [name]: Math.max(0, Number(event.target.value) || 0) })} />
                  </Field>
                ) : null}
              </div>
            );
          })}
        </fieldset>
        <fieldset className="flex flex-col gap-2" disabled={!may}>
          <legend className="mb-2 font-semibold">{t("mails")}</legend>
          {KINDS.map((kind) => (
            <Checkbox key={kind} checked={mail[kind] ?? true} onChange={(event) => setMail({ ...mail, [kind]: event.target.checked })} label={t(`kinds.${kind}`)} />
          ))}
        </fieldset>
        {save.error ? <ErrorNotice error={save.error} /> : null}
        {may ? (
          <Button type="submit" look="primary" className="self-start" busy={save.isPending}>
            {t("save")}
          </Button>
        ) : null}
      </Form>
    </Card>
  );
}
