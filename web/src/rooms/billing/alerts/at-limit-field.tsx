import { useTranslations } from "use-intl";
import { Field, Input, Select } from "@/ui";
import type { Limit } from "../billing-queries";
import { useNames } from "../names";

type AtLimit = Limit["at_limit"];

interface AtLimitFieldProps {
  limit: string;
  value: AtLimit;
  cap: number;
  /** Whether what goes beyond the limit can be paid. */
  mayPay: boolean;
  onChange: (value: AtLimit, cap: number) => void;
}

/** What happens when a limit is reached; with a cap where more is paid. */
export function AtLimitField({ limit, value, cap, mayPay, onChange }: AtLimitFieldProps) {
  const t = useTranslations("billing");
  const names = useNames();
  const name = names.limit(limit);
  // Only executions can be kept for later.
  const choices: AtLimit[] = ["refuse", ...(limit === "executions" ? (["queue"] as const) : []), ...(mayPay || value === "overage" ? (["overage"] as const) : [])];
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label={name}>
        <Select value={value} onChange={(event) => onChange(event.target.value as AtLimit, cap)}>
          {choices.map((one) => (
            <option key={one} value={one}>
              {t(`atLimit.${one}`)}
            </option>
          ))}
        </Select>
      </Field>
      {value === "overage" ? (
        <Field label={t("capOf", { limit: name })} hint={t("capHint")}>
          <Input type="number" min={0} step={1} value={cap} onChange={(event) => onChange(value, Math.max(0, Math.trunc(event.target.valueAsNumber) || 0))} />
        </Field>
      ) : null}
    </div>
  );
}
