import { createElement } from "react";
import { iconOf } from "./icons";

/** The picture of a node type; what it says stands beside it in words. */
export function NodeIcon({ type, className }: { type: string; className?: string }) {
  return createElement(iconOf(type), { "aria-hidden": true, ...(className ? { className } : {}) });
}
