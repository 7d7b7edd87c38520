type Item = { [key: string]: unknown };

/** Items written as JSON; throws an Error with `otherwise` for JSON that is no list of objects. */
export function readItems(text: string, otherwise: string): Item[] {
  const items: unknown = JSON.parse(text);
  const isItem = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item);
  if (!Array.isArray(items) || !items.every(isItem)) throw new Error(otherwise);
  return items as Item[];
}
