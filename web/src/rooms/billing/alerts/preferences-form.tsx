import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Card, Checkbox, ErrorNotice, Form } from "@/ui";
import { toast } from "@/ui/toast";
import { preferencesQuery, type Limit, type Preferences } from "../billing-queries";
import { useNames } from "../names";
import { AtLimitField } from "./at-limit-field";

interface PreferencesFormProps {
  saved: Preferences;
  limits: readonly Limit[];
  readOnly: boolean;
}

/** Which alerts go out by mail, and what happens at each limit. */
export function PreferencesForm({ saved, limits, readOnly }: PreferencesFormProps) {
  const t = useTranslations("billing");
  const names = useNames();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Omit<Preferences, "overage_for">>({ at_limit: saved.at_limit, overage_caps: saved.overage_caps, mail: saved.mail });
  const save = useMutation({
    mutationFn: () => body(api.PUT("/api/v1/billing/preferences", { body: chosen })),
    onSuccess: async (stored) => {
      queries.setQueryData(preferencesQuery.queryKey, stored);
      toast.success(t("preferencesSaved"));
      await queries.invalidateQueries({ queryKey: ["billing", "subscription"] });
    },
  });
  return (
    <Card className="p-4">
      <Form className="flex flex-col gap-5" onSubmit={() => save.mutate()}>
        <fieldset disabled={readOnly} className="flex flex-col gap-2">
          <legend className="mb-1 text-base font-semibold">{t("mailTitle")}</legend>
          <div className="grid gap-1.5 sm:grid-cols-2">
            {Object.keys(saved.mail).map((kind) => (
              <Checkbox
                key={kind}
                label={names.alert(kind)}
                checked={chosen.mail[kind] ?? true}
                onChange={(event) => setChosen({ ...chosen, mail: { ...chosen.mail, [kind]: event.target.checked } })}
              />
            ))}
          </div>
        </fieldset>
        <fieldset disabled={readOnly} className="flex flex-col gap-3">
          <legend className="mb-1 text-base font-semibold">{t("atLimitTitle")}</legend>
          {limits.map(({ name }) => (
            <AtLimitField
              key={name}
              limit={name}
              value={chosen.at_limit[name] ?? "refuse"}
              cap={chosen.overage_caps[name] ?? 0}
              mayPay={saved.overage_for.includes(name)}
              onChange={(value, cap) => setChosen({ ...chosen, at_limit: { ...chosen.at_limit, [name]: value }, overage_caps: { ...chosen.overage_caps, [name]: cap } })}
            />
          ))}
          {saved.overage_for.length === 0 ? <p className="text-[13px] text-ink-faint">{t("noOverage")}</p> : null}
        </fieldset>
        {save.error ? <ErrorNotice error={save.error} /> : null}
        {readOnly ? (
          <p className="text-sm text-ink-soft">{t("onlyOwners")}</p>
        ) : (
          <Button type="submit" look="primary" className="self-start" busy={save.isPending}>
            {t("savePreferences")}
          </Button>
        )}
      </Form>
    </Card>
  );
}
