import { useTranslations } from "use-intl";
import { Field, Input, Select } from "@/ui";
import { ExpressionField } from "../expression/expression-field";
import type { Schema } from "./json-schema";
import { locatorOf, namedBy, type LocatedBy } from "./locator";
import { OptionList } from "./option-list";

interface LocatorFieldProps {
  label: string;
  hint: string | undefined;
  error: string | undefined;
  required: boolean;
  schema: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
}

/** A resource of another system: chosen from a list, or named by its id, its address or an expression. */
export function LocatorField({ label, hint, error, required, schema, value, onChange, readOnly }: LocatorFieldProps) {
  const t = useTranslations("builder");
  const locator = locatorOf(value);
  const told = schema["x-locator"];
  const ways: LocatedBy[] = ["list", "id", ...(told?.by_url ? (["url"] as const) : []), "expression"];
  const write = (text: string) => onChange({ by: locator.by, value: text });
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-1.5">
      <div className="flex items-center justify-between gap-2">
        <span aria-hidden className="min-w-0 truncate text-[13px] font-medium">
          {label}
          {required ? <span className="text-danger-text"> *</span> : null}
        </span>
        <Select
          aria-label={t("locatedBy", { name: label })}
          className="w-40 shrink-0"
          disabled={readOnly}
          value={locator.by}
          onChange={(event) => onChange(namedBy(locator, event.target.value as LocatedBy))}
        >
          {ways.map((way) => (
            <option key={way} value={way}>
              {t(`by_${way}`)}
            </option>
          ))}
        </Select>
      </div>
      {locator.by === "expression" ? (
        <ExpressionField hideLabel label={label} value={locator.value} onChange={write} isTemplate error={error} readOnly={readOnly} description={hint} />
      ) : (
        <Field hideLabel label={label} hint={hint} error={error} required={required}>
          {locator.by === "list" ? (
            <OptionList
              name={schema["x-options"] ?? ""}
              dependsOn={schema["x-depends-on"] ?? []}
              value={locator.value}
              label={locator.label}
              mayBeEmpty={!required}
              readOnly={readOnly}
              onChange={(chosen) => onChange(chosen && { by: "list", value: String(chosen.value), label: chosen.label })}
            />
          ) : (
            <Input readOnly={readOnly} spellCheck={false} value={locator.value} placeholder={locator.by === "url" ? told?.url : told?.id} onChange={(event) => write(event.target.value)} />
          )}
        </Field>
      )}
    </div>
  );
}
