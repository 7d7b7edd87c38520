import { useMemo } from "react";
import { FieldHandle } from "./field-handle";
import { schemaOf, shortText } from "./schema";

interface SchemaListProps {
  items: readonly object[];
  onInsertField: ((path: string) => void) | undefined;
}

/** The fields of the items, with their types and an example each. */
export function SchemaList({ items, onInsertField }: SchemaListProps) {
  const fields = useMemo(() => schemaOf(items), [items]);
  return (
    <ul className="h-full overflow-auto p-2 text-[13px]">
      {fields.map((field) => (
        <li key={JSON.stringify(field.path)} className="flex items-center gap-2 py-0.5" style={{ paddingLeft: field.depth * 16 }}>
          <FieldHandle path={field.path} name={field.name} onInsertField={onInsertField} />
          <span className="rounded bg-sunken px-1.5 text-xs text-ink-faint">{field.type}</span>
          {typeof field.example === "object" ? null : (
            <span className="min-w-0 flex-1 truncate text-ink-soft">{shortText(field.example)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
