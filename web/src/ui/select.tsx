import type { ComponentProps } from "react";
import { ChevronDown } from "lucide-react";
import { classes } from "./classes";
import { useFieldControl } from "./field";
import { CONTROL } from "./input";

/** The browser's own list: it works with every keyboard, screen reader and telephone. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={classes("relative inline-flex w-full", className)}>
      <select {...useFieldControl()} className={classes(CONTROL, "h-9 min-w-0 appearance-none pr-8")} {...rest}>
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2.5 right-2.5 size-4 text-ink-faint" />
    </span>
  );
}
