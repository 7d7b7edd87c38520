/** The drag data of a field: a path as an expression, such as `item.address.city`. */
export const PATH_TYPE = "application/x-treadle-path";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A path into an item as an expression: `item.a.b[0]`, `item["first name"]`. */
export function pathText(steps: readonly (string | number)[], root = "item"): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`;
    return IDENTIFIER.test(step) ? `${path}.${step}` : `${path}[${JSON.stringify(step)}]`;
  }, root);
}
