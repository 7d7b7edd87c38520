import { Plus, X } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button, IconButton, Input } from "@/ui";
import { ExpressionField } from "../expression/expression-field";
import { textFromValue, valueFromText } from "./json-schema";

interface KeyValueFieldProps {
  label: string;
  hint: string | undefined;
  error: string | undefined;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
  problemAt: (pointer: string) => string | undefined;
  pointer: string;
}

/** Names with values, each value a text with expressions or JSON. */
export function KeyValueField({ label, hint, error, value, onChange, readOnly, problemAt, pointer }: KeyValueFieldProps) {
  const t = useTranslations("builder");
  const pairs = Object.entries(typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});
  const write = (next: [string, unknown][]) => onChange(Object.fromEntries(next));
  const freshName = () => {
    let number = pairs.length + 1;
    while (pairs.some(([name]) => name === `field_${number}`)) number += 1;
    return `field_${number}`;
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-[13px] font-medium">{label}</legend>
      {pairs.map(([name, inner], at) => (
        <div key={at} className="grid grid-cols-[minmax(6rem,1fr)_2fr_auto] items-start gap-2">
          <Input
            aria-label={t("nameOf", { number: at + 1 })}
            defaultValue={name}
            readOnly={readOnly}
            onBlur={(event) => {
              const wanted = event.target.value.trim();
              if (wanted && wanted !== name && !pairs.some(([other]) => other === wanted)) write(pairs.map((pair, index) => (index === at ? [wanted, inner] : pair)));
              else event.target.value = name;
            }}
          />
          <ExpressionField
            hideLabel
            label={t("valueOf", { name })}
            value={textFromValue(inner)}
            isTemplate
            readOnly={readOnly}
            error={problemAt(`${pointer}/${name}`)}
            onChange={(text) => write(pairs.map((pair, index) => (index === at ? [name, valueFromText(text)] : pair)))}
          />
          {readOnly ? null : (
            <IconButton label={t("removeName", { name })} onClick={() => write(pairs.filter((_pair, index) => index !== at))}>
              <X aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {readOnly ? null : (
        <Button size="small" className="self-start" onClick={() => write([...pairs, [freshName(), ""]])}>
          <Plus aria-hidden />
          {t("addField")}
        </Button>
      )}
      {error ? (
        <p role="alert" className="text-[13px] text-danger-text">
          {error}
        </p>
      ) : null}
      {hint ? <p className="text-[13px] text-ink-faint">{hint}</p> : null}
    </fieldset>
  );
}
