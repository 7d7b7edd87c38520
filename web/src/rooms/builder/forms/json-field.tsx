import { useState } from "react";
import { useTranslations } from "use-intl";
import { Field, Textarea } from "@/ui";
import { ExpressionField } from "../expression/expression-field";
import { textFromValue, valueFromText } from "./json-schema";

interface JsonFieldProps {
  label: string;
  hint: string | undefined;
  error: string | undefined;
  required: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
  isTemplate: boolean;
}

/** Any value, written as JSON or as plain text; `{{ }}` may stand in it. */
export function JsonField({ label, hint, error, required, value, onChange, readOnly, isTemplate }: JsonFieldProps) {
  const t = useTranslations("builder");
  const [text, setText] = useState(() => textFromValue(value));
  const [written, setWritten] = useState(value);
  if (written !== value) {
    // It was changed from elsewhere, by undo for example.
    setWritten(value);
    setText(textFromValue(value));
  }
  const take = (next: string) => {
    const read = next === "" ? undefined : valueFromText(next);
    setText(next);
    setWritten(read);
    onChange(read);
  };
  if (isTemplate) {
    return <ExpressionField label={label} value={text} onChange={take} isTemplate multiline error={error} readOnly={readOnly} required={required} description={hint} />;
  }
  return (
    <Field label={label} hint={hint ? `${hint} ${t("jsonOrText")}` : t("jsonOrText")} error={error} required={required}>
      <Textarea rows={text.split("\n").length > 2 ? 6 : 2} readOnly={readOnly} spellCheck={false} className="font-mono text-xs" value={text} onChange={(event) => take(event.target.value)} />
    </Field>
  );
}
