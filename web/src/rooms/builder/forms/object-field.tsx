import { Plus, X } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "@/ui";
import { GroupNotes } from "./group-notes";
import { isOptional, options, type Schema } from "./json-schema";
import type { ParameterFieldProps } from "./parameter-field";
import { SchemaForm } from "./schema-form";

/** An object as a group of fields; one that may be missing is opened and taken away whole. */
export function ObjectField({ label, schema, root, shown, onChange, pointer, problemAt, readOnly, error }: ParameterFieldProps & { label: string; shown: unknown; error: string | undefined }) {
  const t = useTranslations("builder");
  const optional = isOptional(schema);
  const inner: Schema = options(schema, root)[0] ?? {};
  const isThere = !optional || (typeof shown === "object" && shown !== null);
  return (
    <fieldset className="relative flex flex-col gap-3 rounded-lg border p-3">
      <legend className="px-1 text-[13px] font-medium">{label}</legend>
      {optional && schema.description ? <p className="text-[13px] text-ink-faint">{schema.description}</p> : null}
      {isThere ? (
        <SchemaForm
          schema={inner}
          root={root}
          values={(shown ?? {}) as Record<string, unknown>}
          onChange={(next) => onChange(next)}
          problemAt={problemAt}
          pointer={pointer}
          readOnly={readOnly}
        />
      ) : null}
      <GroupNotes error={error} hint={undefined} />
      {optional && !readOnly ? (
        isThere ? (
          <IconButton className="absolute top-0 right-2" label={t("removeGroup", { name: label })} onClick={() => onChange(undefined)}>
            <X aria-hidden />
          </IconButton>
        ) : (
          <Button size="small" className="self-start" onClick={() => onChange({})}>
            <Plus aria-hidden />
            {t("setGroup", { name: label })}
          </Button>
        )
      ) : null}
    </fieldset>
  );
}
