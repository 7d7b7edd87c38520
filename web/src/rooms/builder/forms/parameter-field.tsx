import { useTranslations } from "use-intl";
import { ExpressionField } from "../expression/expression-field";
import { kindOf, mistakeIn, options, textFromValue, valueFromText, type Schema } from "./json-schema";
import { KeyValueField } from "./key-value-field";
import { ObjectField } from "./object-field";
import { ObjectListField } from "./object-list-field";
import { JsonField } from "./json-field";
import { LocatorField } from "./locator-field";
import { locatorOf } from "./locator";
import { OptionField } from "./option-field";
import { ScalarField } from "./scalar-field";

export interface ParameterFieldProps {
  name: string;
  schema: Schema;
  root: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  required: boolean;
  pointer: string;
  problemAt: (pointer: string) => string | undefined;
  readOnly: boolean;
}

function titleOf(name: string, schema: Schema): string {
  return schema.title ?? name.replaceAll("_", " ");
}

/** One parameter, edited as fits its schema. */
export function ParameterField(props: ParameterFieldProps) {
  const t = useTranslations("builder");
  const { schema, root, value, onChange, readOnly, required } = props;
  const kind = kindOf(schema, root);
  const label = titleOf(props.name, schema);
  const shown = value === undefined ? schema.default : value;
  const mistake = mistakeIn(options(schema, root)[0] ?? {}, kind === "locator" ? locatorOf(shown).value : shown, required);
  const error = props.problemAt(props.pointer) ?? (mistake ? t(mistake) : undefined);
  const field = { label, hint: schema.description, error, required };
  switch (kind) {
    case "expression":
      return (
        <ExpressionField label={label} value={typeof shown === "string" ? shown : shown === undefined ? "" : String(shown)} onChange={onChange} isTemplate={false} hint={schema["x-placeholder"]} error={error} readOnly={readOnly} required={required} description={schema.description} />
      );
    case "template":
      return (
        <ExpressionField label={label} value={textFromValue(shown)} onChange={(text) => onChange(templateValue(schema, root, text))} isTemplate hint={schema["x-placeholder"] ?? schema["x-suggestions"]?.join(", ")} error={error} multiline={schema["x-widget"] === "textarea"} readOnly={readOnly} required={required} description={schema.description} />
      );
    case "keyvalue":
      return <KeyValueField {...field} value={shown} onChange={onChange} readOnly={readOnly} problemAt={props.problemAt} pointer={props.pointer} />;
    case "objects":
      return <ObjectListField {...props} label={label} />;
    case "object":
      return <ObjectField {...props} label={label} shown={shown} error={error} />;
    case "locator":
      return <LocatorField {...field} schema={schema} value={shown} onChange={onChange} readOnly={readOnly} />;
    case "options":
      return <OptionField {...field} schema={schema} root={root} value={shown} onChange={onChange} readOnly={readOnly} />;
    case "json":
      return <JsonField {...field} value={shown} onChange={onChange} readOnly={readOnly} isTemplate={schema["x-widget"] === "textarea"} />;
    default:
      return <ScalarField kind={kind} field={field} schema={schema} root={root} shown={shown} onChange={onChange} readOnly={readOnly} required={required} />;
  }
}

/** What may only be text stays one, though it looks like a number. */
function templateValue(schema: Schema, root: Schema, text: string): unknown {
  return options(schema, root).every((one) => one.type === "string") ? text : valueFromText(text);
}
