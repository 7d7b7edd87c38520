import { useNavigate } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button, Field, Select } from "@/ui";
import { monthOf, monthsBack, queryOf } from "./months";
import { useMonthName } from "./use-month-name";

const SHOWN = 36;
const CSV = "/api/v1/instance/revenue";

interface RangeBarProps {
  from: string | undefined;
  to: string | undefined;
  currencies: readonly string[];
  currency: string;
  onCurrency: (currency: string) => void;
}

/** Which months are shown, of which currency; and both as CSV. */
export function RangeBar({ from, to, currencies, currency, onCurrency }: RangeBarProps) {
  const t = useTranslations("billing.revenueFigures");
  const monthName = useMonthName();
  const navigate = useNavigate({ from: "/settings/$section" });
  const [now] = useState(() => monthOf(new Date()));
  const known = monthsBack(now, SHOWN);
  const asked = { ...(from ? { from } : {}), ...(to ? { to } : {}) };
  const search = new URLSearchParams(queryOf(asked)).toString();
  const choose = (change: { from?: string; to?: string }) => {
    const wanted = { from: from ?? known[11] ?? now, to: to ?? now, ...change };
    // Whoever moves one end past the other means both.
    const last = change.to ?? wanted.to;
    const first = change.from ?? wanted.from;
    void navigate({ search: first > last ? (change.from ? { from: first, to: first } : { from: last, to: last }) : { from: first, to: last } });
  };
  const options = (chosen: string | undefined) => (chosen && !known.includes(chosen) ? [chosen, ...known] : known);
  return (
    <div className="flex flex-wrap items-end gap-2">
      {(["from", "to"] as const).map((end) => {
        const value = end === "from" ? from : to;
        return (
          <Field key={end} label={t(end)} className="w-48">
            <Select value={value ?? ""} onChange={(event) => choose({ [end]: event.target.value })}>
              {value ? null : <option value="">{t("lastThirtyDays")}</option>}
              {options(value).map((month) => (
                <option key={month} value={month}>
                  {monthName(month)}
                </option>
              ))}
            </Select>
          </Field>
        );
      })}
      {currencies.length > 1 ? (
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
      {from || to ? <Button onClick={() => void navigate({ search: {} })}>{t("reset")}</Button> : null}
      <div className="flex flex-wrap gap-2 sm:ml-auto">
        {(["documents", "months"] as const).map((kind) => (
          <Button key={kind} asChild>
            <a href={`${CSV}${kind === "months" ? "/months" : ""}.csv?${search}`} download>
              <Download aria-hidden />
              {t(`${kind}Csv`)}
            </a>
          </Button>
        ))}
      </div>
    </div>
  );
}
