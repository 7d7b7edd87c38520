import { Checkbox } from "@/ui";
import { GroupNotes } from "./group-notes";
import { options, resolved, type Schema } from "./json-schema";

interface ChoicesFieldProps {
  label: string;
  hint: string | undefined;
  error: string | undefined;
  schema: Schema;
  root: Schema;
  shown: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
}

/** Several of a few fixed values, kept in the order in which they are declared. */
export function ChoicesField({ label, hint, error, schema, root, shown, onChange, readOnly }: ChoicesFieldProps) {
  const all = resolved(options(schema, root)[0]?.items ?? {}, root).enum ?? [];
  const chosen: unknown[] = Array.isArray(shown) ? shown : [];
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-[13px] font-medium">{label}</legend>
      <div className="flex flex-wrap gap-x-3 gap-y-1.5">
        {all.map((one) => (
          <Checkbox
            key={String(one)}
            label={String(one)}
            disabled={readOnly}
            checked={chosen.includes(one)}
            onChange={(event) => onChange(all.filter((other) => (other === one ? event.target.checked : chosen.includes(other))))}
          />
        ))}
      </div>
      <GroupNotes error={error} hint={hint} />
    </fieldset>
  );
}
