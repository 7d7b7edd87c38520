import { useTranslations } from "use-intl";
import { CollectionField } from "./collection-field";
import { isShown, withMember, type Schema } from "./json-schema";
import { ParameterField } from "./parameter-field";

interface SchemaFormProps {
  schema: Schema;
  values: Record<string, unknown>;
  /** Gets the whole new object. */
  onChange: (values: Record<string, unknown>, name: string) => void;
  /** Where the object is in the document, for what the server found wrong. */
  problemAt: (pointer: string) => string | undefined;
  pointer: string;
  root?: Schema;
  readOnly: boolean;
  /** Edited elsewhere. */
  without?: readonly string[];
}

/** A form made of a JSON Schema: one field a parameter, rarely needed ones where somebody adds them. */
export function SchemaForm({ schema, values, onChange, problemAt, pointer, root = schema, readOnly, without = [] }: SchemaFormProps) {
  const t = useTranslations("builder");
  const properties = schema.properties ?? {};
  const names = Object.keys(properties).filter((name) => !without.includes(name) && isShown(properties[name] ?? {}, values, properties));
  if (names.length === 0) return <p className="text-sm text-ink-faint">{t("noParameters")}</p>;
  const collectionOf = (name: string) => properties[name]?.["x-collection"];
  const collections = [...new Set(names.map(collectionOf))].filter((title) => title !== undefined);
  const change = (name: string, value: unknown) => onChange(withMember(values, name, value), name);
  const field = (name: string) => (
    <ParameterField
      key={name}
      name={name}
      schema={properties[name] ?? {}}
      root={root}
      value={values[name]}
      required={schema.required?.includes(name) ?? false}
      pointer={`${pointer}/${name}`}
      problemAt={problemAt}
      readOnly={readOnly}
      onChange={(value) => change(name, value)}
    />
  );
  return (
    <div className="flex flex-col gap-4">
      {names.filter((name) => collectionOf(name) === undefined).map(field)}
      {collections.map((title) => (
        <CollectionField
          key={title}
          title={title}
          members={names.filter((name) => collectionOf(name) === title).map((name) => ({ name, schema: properties[name] ?? {} }))}
          isSet={(name) => values[name] !== undefined || problemAt(`${pointer}/${name}`) !== undefined}
          onSet={change}
          readOnly={readOnly}
          field={field}
        />
      ))}
    </div>
  );
}
