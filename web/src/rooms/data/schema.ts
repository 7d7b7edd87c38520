export interface SchemaField {
  path: (string | number)[];
  name: string;
  type: string;
  example: unknown;
  depth: number;
}

const DEEPEST = 4;
const MOST_FIELDS = 300;

/** What kinds of values there are in items, told from the items themselves. */
export function schemaOf(items: readonly object[]): SchemaField[] {
  const fields = new Map<string, SchemaField>();
  const look = (value: unknown, path: (string | number)[]) => {
    if (path.length > DEEPEST || fields.size > MOST_FIELDS) return;
    if (Array.isArray(value)) {
      if (value.length > 0) look(value[0], [...path, 0]);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const at = [...path, name];
      const key = JSON.stringify(at);
      const known = fields.get(key);
      const type = typeName(inner);
      if (!known) fields.set(key, { path: at, name, type, example: inner, depth: path.length });
      else if (!known.type.split(" | ").includes(type)) known.type += ` | ${type}`;
      look(inner, at);
    }
  };
  for (const item of items) look(item, []);
  return inOrder([...fields.values()]);
}

function inOrder(fields: SchemaField[]): SchemaField[] {
  const below = (parent: (string | number)[]): SchemaField[] =>
    fields
      .filter((field) => {
        const names = field.path.filter((step, at) => at < parent.length || step !== 0);
        return names.length === parent.length + 1 && parent.every((step, at) => names[at] === step);
      })
      .flatMap((field) => [field, ...below(field.path)]);
  const top = below([]);
  return top.length >= fields.length ? top : fields;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "object" : typeof value === "string" ? "text" : typeof value;
}

const LONGEST_SHOWN = 200;

/** A value on one line, cut where it is long. */
export function shortText(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
