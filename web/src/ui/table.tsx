import type { ComponentProps } from "react";
import { classes } from "./classes";

interface TableProps extends ComponentProps<"table"> {
  label: string;
  /** Where the page is narrow, each row becomes a block of its own in place of scrolling sideways. */
  stacks?: boolean;
}

/** A plain table that scrolls sideways on its own where the page is narrow. */
export function Table({ className, label, stacks = false, ...rest }: TableProps) {
  return (
    // A region that scrolls has to be reached by keyboard (WCAG 2.1.1).
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={label} tabIndex={0} className="relative overflow-x-auto rounded-xl border bg-surface">
      <table className={classes("w-full border-collapse text-left text-sm", stacks && "stacks", className)} {...rest} />
    </div>
  );
}

export function HeadCell({ className, ...rest }: ComponentProps<"th">) {
  return (
    <th scope="col" className={classes("border-b px-3 py-2 text-xs font-medium whitespace-nowrap text-ink-faint", className)} {...rest} />
  );
}

interface CellProps extends ComponentProps<"td"> {
  /** What stands before the value where rows are stacked and the head is not seen. */
  heading?: string;
}

export function Cell({ className, heading, ...rest }: CellProps) {
  return <td data-heading={heading} className={classes("border-b px-3 py-2 align-middle [tr:last-child>&]:border-b-0", className)} {...rest} />;
}
