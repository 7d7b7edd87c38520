export type LocatedBy = "list" | "id" | "url" | "expression";

export interface Locator {
  by: LocatedBy;
  value: string;
  /** How what is chosen from the list was called. */
  label?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const WAYS: readonly unknown[] = ["list", "id", "url", "expression"] satisfies LocatedBy[];

/** A parameter that names a resource; a text alone is an id, which the list may know by name. */
export function locatorOf(value: unknown): Locator {
  if (isObject(value) && typeof value.value === "string" && WAYS.includes(value.by))
    return { by: value.by as LocatedBy, value: value.value, ...(typeof value.label === "string" ? { label: value.label } : {}) };
  const text = typeof value === "string" ? value : "";
  return { by: text.includes("{{") ? "expression" : "list", value: text };
}

/** The same resource named in another way, as far as that can be. */
export function namedBy(locator: Locator, by: LocatedBy): Locator {
  const wasId = locator.by === "list" || locator.by === "id";
  const isId = by === "list" || by === "id";
  return { by, value: wasId && isId && !locator.value.includes("{{") ? locator.value : "" };
}
