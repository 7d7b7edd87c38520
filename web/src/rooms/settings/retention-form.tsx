import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button, Card, Field, Form, Select } from "@/ui";
import type { Retention } from "./retention-section";

const CHOICES = [1, 3, 7, 14, 30, 60, 90, 180, 365, 730];

interface RetentionFormProps {
  saved: Retention;
  readOnly: boolean;
  busy: boolean;
  onSave: (wish: Retention) => void;
}

export function RetentionForm({ saved, readOnly, busy, onSave }: RetentionFormProps) {
  const t = useTranslations("settings");
  const [days, setDays] = useState(saved.days ?? null);
  const [failedDays, setFailedDays] = useState(saved.failed_days ?? null);
  const hint = readOnly ? { hint: t("onlyAdmins") } : {};
  return (
    <Card className="p-5">
      <Form className="flex flex-col gap-4" onSubmit={() => onSave({ days, failed_days: failedDays })}>
        <DaysField label={t("keepFor")} none={t("forEver")} days={days} onChange={setDays} disabled={readOnly} />
        <DaysField label={t("keepFailedFor")} none={t("asOthers")} days={failedDays} onChange={setFailedDays} disabled={readOnly} {...hint} />
        {readOnly ? null : (
          <Button type="submit" look="primary" className="self-start" busy={busy} disabled={days === saved.days && failedDays === saved.failed_days}>
            {t("save")}
          </Button>
        )}
      </Form>
    </Card>
  );
}

interface DaysFieldProps {
  label: string;
  hint?: string;
  none: string;
  days: number | null;
  disabled: boolean;
  onChange: (days: number | null) => void;
}

function DaysField({ label, hint, none, days, disabled, onChange }: DaysFieldProps) {
  const t = useTranslations("settings");
  // Whatever a program has set is among the choices, too.
  const choices = days === null || CHOICES.includes(days) ? CHOICES : [...CHOICES, days].sort((a, b) => a - b);
  return (
    <Field label={label} {...(hint ? { hint } : {})}>
      <Select value={days ?? ""} disabled={disabled} onChange={(event) => onChange(event.target.value ? Number(event.target.value) : null)}>
        <option value="">{none}</option>
        {choices.map((one) => (
          <option key={one} value={one}>
            {t("days", { count: one })}
          </option>
        ))}
      </Select>
    </Field>
  );
}
