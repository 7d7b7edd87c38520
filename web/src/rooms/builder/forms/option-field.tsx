import { useState } from "react";
import { useTranslations } from "use-intl";
import { Field } from "@/ui";
import { ExpressionField } from "../expression/expression-field";
import { options, type Schema } from "./json-schema";
import { OptionList } from "./option-list";

interface OptionFieldProps {
  label: string;
  hint: string | undefined;
  error: string | undefined;
  required: boolean;
  schema: Schema;
  root: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
}

/** A parameter that is chosen from a list, or written: an id, an address, an expression. */
export function OptionField({ label, hint, error, required, schema, root, value, onChange, readOnly }: OptionFieldProps) {
  const t = useTranslations("builder");
  const text = typeof value === "string" ? value : "";
  const isTemplate = (schema["x-input"] ?? options(schema, root)[0]?.["x-input"]) === "template";
  const [mode, setMode] = useState<"list" | "written">(text.includes("{{") ? "written" : "list");
  const other = mode === "list" ? "written" : "list";
  const swap = readOnly ? null : (
    <button type="button" className="text-xs text-accent-text underline underline-offset-2" aria-label={t(`${other}Of`, { name: label })} onClick={() => setMode(other)}>
      {t(other)}
    </button>
  );
  if (mode === "written" && isTemplate) {
    return (
      <div className="relative">
        <div className="absolute top-0 right-0">{swap}</div>
        <ExpressionField label={label} value={text} onChange={onChange} isTemplate error={error} readOnly={readOnly} required={required} description={hint} />
      </div>
    );
  }
  return (
    <Field label={label} hint={hint} error={error} required={required} aside={isTemplate ? swap : undefined}>
      <OptionList
        name={schema["x-options"] ?? ""}
        dependsOn={schema["x-depends-on"] ?? []}
        value={text}
        label={undefined}
        mayBeEmpty={!required}
        onChange={(chosen) => onChange(chosen?.value)}
        readOnly={readOnly}
      />
    </Field>
  );
}
