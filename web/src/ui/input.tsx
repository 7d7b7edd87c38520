import type { ComponentProps } from "react";
import { classes } from "./classes";
import { useFieldControl } from "./field";

export const CONTROL =
  "w-full rounded-lg border border-line-strong/60 bg-surface px-3 text-sm text-ink placeholder:text-ink-faint hover:border-line-strong disabled:opacity-60 aria-invalid:border-danger";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input {...useFieldControl()} className={classes(CONTROL, "h-9", className)} {...rest} />;
}

export function Textarea({ className, rows = 4, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...useFieldControl()} rows={rows} className={classes(CONTROL, "py-2", className)} {...rest} />;
}
