import { useTranslations } from "use-intl";
import { Field, Input, Select, Switch, Textarea } from "@/ui";
import { ChoicesField } from "./choices-field";
import { options, textFromValue, valueFromText, type Kind, type Schema } from "./json-schema";

interface ScalarFieldProps {
  kind: Kind;
  field: { label: string; hint: string | undefined; error: string | undefined; required: boolean };
  schema: Schema;
  root: Schema;
  shown: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
  required: boolean;
}

/** A parameter that is one plain value, or a list of texts. */
export function ScalarField({ kind, field, schema, root, shown, onChange, readOnly, required }: ScalarFieldProps) {
  const t = useTranslations("builder");
  switch (kind) {
    case "select":
      return (
        <Field {...field}>
          <Select disabled={readOnly} value={String(shown ?? "")} onChange={(event) => onChange(event.target.value)}>
            {(options(schema, root).find((one) => one.enum)?.enum ?? []).map((one) => (
              <option key={String(one)} value={String(one)}>
                {String(one).replaceAll("_", " ")}
              </option>
            ))}
          </Select>
        </Field>
      );
    case "boolean":
      return (
        <Field {...field}>
          <Switch checked={shown === true} disabled={readOnly} onCheckedChange={onChange} />
        </Field>
      );
    case "number":
      return (
        <Field {...field}>
          <Input
            type="number"
            readOnly={readOnly}
            step={options(schema, root)[0]?.type === "integer" ? 1 : "any"}
            value={typeof shown === "number" ? shown : ""}
            placeholder={t("unset")}
            onChange={(event) => onChange(event.target.value === "" ? undefined : Number(event.target.value))}
          />
        </Field>
      );
    case "date":
      return (
        <Field {...field}>
          <Input type="date" readOnly={readOnly} value={typeof shown === "string" ? shown : ""} onChange={(event) => onChange(event.target.value || undefined)} />
        </Field>
      );
    case "value":
      return (
        <Field {...field}>
          <Input readOnly={readOnly} value={textFromValue(shown ?? undefined)} placeholder={t("unset")} onChange={(event) => onChange(event.target.value === "" ? undefined : valueFromText(event.target.value))} />
        </Field>
      );
    case "choices":
      return <ChoicesField {...field} schema={schema} root={root} shown={shown} onChange={onChange} readOnly={readOnly} />;
    case "texts":
      return (
        <Field {...field} hint={`${schema.description ?? ""} ${t("onePerLine")}`.trim()}>
          <Textarea
            rows={3}
            readOnly={readOnly}
            spellCheck={false}
            value={(Array.isArray(shown) ? shown : []).join("\n")}
            onChange={(event) => onChange(event.target.value === "" ? [] : event.target.value.split("\n"))}
          />
        </Field>
      );
    default:
      return (
        <Field {...field}>
          <Input
            readOnly={readOnly}
            value={typeof shown === "string" ? shown : ""}
            placeholder={schema["x-placeholder"]}
            onChange={(event) => onChange(event.target.value === "" && !required ? undefined : event.target.value)}
          />
        </Field>
      );
  }
}
