/** As much of JSON Schema as the parameters of nodes use, with our hints for the form. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  $ref?: string;
  $defs?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  maxLength?: number;
  "x-widget"?: string;
  "x-input"?: string;
  "x-placeholder"?: string;
  "x-suggestions"?: string[];
  "x-options"?: string;
  "x-depends-on"?: string[];
  "x-show-when"?: Record<string, unknown[]>;
  "x-collection"?: string;
  "x-locator"?: { by_url: boolean; id: string; url: string };
}

export type Kind = "code" | "expression" | "template" | "keyvalue" | "select" | "boolean" | "number" | "text" | "value" | "date" | "texts" | "choices" | "objects" | "object" | "locator" | "options" | "json";

/** A schema with its reference followed. */
export function resolved(schema: Schema, root: Schema): Schema {
  if (!schema.$ref) return schema;
  const name = schema.$ref.split("/").at(-1) ?? "";
  return { ...root.$defs?.[name], ...schema, $ref: undefined } as Schema;
}

/** What a parameter may be other than null. */
export function options(schema: Schema, root: Schema): Schema[] {
  return (schema.anyOf ?? [schema]).map((one) => resolved(one, root)).filter((one) => one.type !== "null");
}

/** Whether a parameter may be left out whole, as null. */
export function isOptional(schema: Schema): boolean {
  return (schema.anyOf ?? []).some((one) => one.type === "null");
}

const SCALARS = new Set(["string", "integer", "number"]);

/** How a parameter is edited. */
export function kindOf(schema: Schema, root: Schema): Kind {
  const hint = schema["x-widget"];
  if (schema["x-input"] === "locator") return "locator";
  if (schema["x-options"]) return "options";
  if (hint === "code" && schema["x-input"] !== "expression") return "code";
  if (schema["x-input"] === "expression") return "expression";
  if (hint === "keyvalue") return "keyvalue";
  const possible = options(schema, root);
  const first = possible[0] ?? {};
  if (possible.length > 0 && possible.every((one) => one.enum)) return "select";
  if (schema["x-input"] === "template") return possible.some((one) => one.enum) ? "select" : "template";
  if (possible.length > 1 && possible.every((one) => SCALARS.has(one.type ?? ""))) return "value";
  if (possible.length > 1) return "json";
  return byType(first, root);
}

function byType(schema: Schema, root: Schema): Kind {
  switch (schema.type) {
    case "boolean":
      return "boolean";
    case "integer":
    case "number":
      return "number";
    case "string":
      return schema.format === "date" ? "date" : "text";
    case "array": {
      const inner = resolved(schema.items ?? {}, root);
      if (inner.enum) return "choices";
      return inner.type === "string" ? "texts" : inner.properties ? "objects" : "json";
    }
    case "object":
      return schema.properties ? "object" : "json";
    default:
      return "json";
  }
}

/** Whether a parameter is to be seen, by what others are set to. */
export function isShown(schema: Schema, values: Record<string, unknown>, properties: Record<string, Schema>): boolean {
  return Object.entries(schema["x-show-when"] ?? {}).every(([name, wanted]) => wanted.includes(values[name] ?? properties[name]?.default));
}

/** A text as the value that its author means: JSON where it is some, else the text itself. */
export function valueFromText(text: string): unknown {
  const trimmed = text.trim();
  if (!/^(-?\d|[[{]|true$|false$|null$|")/.test(trimmed) || trimmed.startsWith("{{")) return text;
  try {
    return JSON.parse(trimmed) as unknown;
  } catch {
    return text;
  }
}

/** The other way: a text that `valueFromText` makes the same value of. */
export function textFromValue(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return valueFromText(value) === value ? value : JSON.stringify(value);
  return JSON.stringify(value, null, typeof value === "object" && value !== null ? 2 : undefined);
}

/** What is wrong with a value at first sight; the server looks at it again. */
export function mistakeIn(schema: Schema, value: unknown, isRequired: boolean): "required" | "tooSmall" | "tooLarge" | null {
  if (isRequired && (value === undefined || value === null || value === "")) return "required";
  if (typeof value === "number") {
    if (schema.minimum !== undefined && value < schema.minimum) return "tooSmall";
    if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) return "tooSmall";
    if (schema.maximum !== undefined && value > schema.maximum) return "tooLarge";
  }
  return null;
}

/** An object with one member changed; undefined takes it away. */
export function withMember(values: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  const others = Object.entries(values).filter(([other]) => other !== name || value !== undefined);
  return { ...Object.fromEntries(others), ...(value === undefined ? {} : { [name]: value }) };
}
