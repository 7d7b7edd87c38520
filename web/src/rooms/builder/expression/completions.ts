import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { ExpressionContext } from "./preview";

const FUNCTIONS = ["abs", "all", "any", "bool", "ceil", "date", "enumerate", "float", "floor", "int", "join", "json", "len", "list", "max", "min", "now", "range", "re_match", "re_replace", "re_search", "round", "sorted", "split", "str", "sum", "today", "zip"];
const ROOTS = ["item", "items", "index", "files", "nodes", "execution", "workflow", "vars", "now"];
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** The object that a path such as `item.address` stands for in the data that are known. */
export function valueAt(path: string, context: ExpressionContext): unknown {
  const steps = [...path.matchAll(/([A-Za-z_]\w*)|\[(\d+)\]|\["([^"\\]*)"\]/g)].map((match) => match[1] ?? match[3] ?? Number(match[2]));
  return steps.reduce<unknown>((value, step) => (typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[step] : undefined), context);
}

function membersOf(value: unknown): Completion[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).map(([name, inner]) => ({
    label: name,
    apply: IDENTIFIER.test(name) ? name : `["${name}"]`,
    type: "property",
    detail: Array.isArray(inner) ? "list" : inner === null ? "null" : typeof inner,
  }));
}

/** Completes names from the data that are known: of the item, of other nodes, and the functions. */
export function completionsFor(context: () => ExpressionContext | null, isTemplate: boolean) {
  return (at: CompletionContext): CompletionResult | null => {
    const line = at.state.doc.lineAt(at.pos).text.slice(0, at.pos - at.state.doc.lineAt(at.pos).from);
    if (isTemplate && line.lastIndexOf("{{") <= line.lastIndexOf("}}")) return null;
    const known = context();
    const path = /((?:[A-Za-z_]\w*)(?:\.[A-Za-z_]\w*|\[\d+\]|\["[^"\\]*"\])*)\.(\w*)$/.exec(line);
    if (path?.[1] !== undefined && known) {
      const options = membersOf(valueAt(path[1], known));
      return options.length > 0 ? { from: at.pos - (path[2]?.length ?? 0), options, validFor: /^\w*$/ } : null;
    }
    const word = /[A-Za-z_]\w*$/.exec(line);
    if (!word && !at.explicit) return null;
    return {
      from: at.pos - (word?.[0].length ?? 0),
      options: [
        ...ROOTS.map((label): Completion => ({ label, type: "variable", boost: 2 })),
        ...FUNCTIONS.map((label): Completion => ({ label, type: "function", apply: `${label}(` })),
      ],
      validFor: /^\w*$/,
    };
  };
}
