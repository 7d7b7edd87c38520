import { Plus, X } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "@/ui";
import { GroupNotes } from "./group-notes";
import { options, resolved, type Schema } from "./json-schema";
import type { ParameterFieldProps } from "./parameter-field";
import { SchemaForm } from "./schema-form";

/** A list of objects, each a small form of its own. */
export function ObjectListField({ label, schema, root, value, onChange, pointer, problemAt, readOnly }: ParameterFieldProps & { label: string }) {
  const t = useTranslations("builder");
  const inner: Schema = resolved(options(schema, root)[0]?.items ?? {}, root);
  const list = (Array.isArray(value) ? value : []) as Record<string, unknown>[];
  const error = problemAt(pointer);
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-[13px] font-medium">{label}</legend>
      {list.map((one, at) => (
        <div key={at} className="flex items-start gap-2 rounded-lg border p-3">
          <div className="min-w-0 flex-1">
            <SchemaForm schema={inner} root={root} values={one} readOnly={readOnly} pointer={`${pointer}/${at}`} problemAt={problemAt} onChange={(next) => onChange(list.map((other, index) => (index === at ? next : other)))} />
          </div>
          {readOnly ? null : (
            <IconButton label={t("removeEntry", { number: at + 1 })} onClick={() => onChange(list.filter((_other, index) => index !== at))}>
              <X aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {readOnly ? null : (
        <Button size="small" className="self-start" onClick={() => onChange([...list, {}])}>
          <Plus aria-hidden />
          {t("addEntry")}
        </Button>
      )}
      <GroupNotes error={error} hint={schema.description} />
    </fieldset>
  );
}
