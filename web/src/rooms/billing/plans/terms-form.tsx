import { useTranslations } from "use-intl";
import { classes, Field, Input, Select } from "@/ui";
import type { Interval, Plan } from "../billing-queries";
import { yearlySaving, type Terms } from "./plan-choice";

const MOST_SEATS = 10_000;
const INTERVALS: readonly Interval[] = ["month", "year"];

interface TermsFormProps {
  plans: readonly Plan[];
  terms: Terms;
  onTerms: (terms: Terms) => void;
  currency: string;
  /** Only before there is a subscription: it keeps its currency. */
  onCurrency?: (currency: string) => void;
}

/** By the month or by the year, for how many people, and in which currency. */
export function TermsForm({ plans, terms, onTerms, currency, onCurrency }: TermsFormProps) {
  const t = useTranslations("billing");
  const percent = Math.max(0, ...plans.map((one) => yearlySaving(one, currency)?.percent ?? 0));
  const currencies = [...new Set(plans.flatMap((one) => Object.values(one.prices).flatMap((prices) => Object.keys(prices))))].sort();
  return (
    <div className="flex flex-col gap-2">
    <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
      <fieldset>
        <legend className="mb-1 text-[13px] font-medium">{t("paidBy")}</legend>
        <div className="inline-flex rounded-lg border bg-sunken p-0.5">
          {INTERVALS.map((one) => (
            <label
              key={one}
              className={classes(
                "flex h-8 cursor-pointer items-center gap-1.5 rounded-md px-3 text-[13px] font-medium text-ink-soft has-focus-visible:outline-2 has-focus-visible:outline-accent",
                terms.interval === one && "bg-accent-soft text-accent-text shadow-sm",
              )}
            >
              <input type="radio" name="interval" className="sr-only" checked={terms.interval === one} onChange={() => onTerms({ ...terms, interval: one })} />
              {t(`by.${one}`)}
              {one === "year" && percent > 0 ? <span className="text-success-text">{t("saves", { percent })}</span> : null}
            </label>
          ))}
        </div>
      </fieldset>
      <Field label={t("seats")} className="w-24">
        <Input
          type="number"
          min={1}
          max={MOST_SEATS}
          value={terms.seats}
          onChange={(event) => onTerms({ ...terms, seats: Math.min(MOST_SEATS, Math.max(1, Math.trunc(event.target.valueAsNumber) || 1)) })}
        />
      </Field>
      {onCurrency && currencies.length > 1 ? (
        <Field label={t("currency")} className="w-28">
          <Select value={currency} onChange={(event) => onCurrency(event.target.value)}>
            {currencies.map((one) => (
              <option key={one} value={one}>
                {one.toUpperCase()}
              </option>
            ))}
          </Select>
        </Field>
      ) : null}
    </div>
      <p className="max-w-prose text-[13px] text-ink-soft">{t("downgrades.seat")}</p>
    </div>
  );
}
