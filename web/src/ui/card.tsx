import type { ComponentProps } from "react";
import { classes } from "./classes";

export function Card({ className, ...rest }: ComponentProps<"div">) {
  return <div className={classes("rounded-xl border bg-surface", className)} {...rest} />;
}
