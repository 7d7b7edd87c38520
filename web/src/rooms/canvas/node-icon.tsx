import { createElement } from "react";
import { iconOf } from "./icons";

interface NodeIconProps {
  /** As the node's type names it; undefined for a type that is not there. */
  icon: string | undefined;
  className?: string;
}

/** The picture of a node type; what it says stands beside it in words. */
export function NodeIcon({ icon, className }: NodeIconProps) {
  return createElement(iconOf(icon), { "aria-hidden": true, ...(className ? { className } : {}) });
}
