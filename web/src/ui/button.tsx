import type { ComponentProps } from "react";
import { Slot } from "radix-ui";
import { classes } from "./classes";
import { Spinner } from "./spinner";

type Look = "primary" | "secondary" | "ghost" | "danger";
type Size = "small" | "medium";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-accent-ink hover:bg-[color-mix(in_oklab,var(--accent),black_10%)]",
  secondary: "border bg-surface text-ink hover:bg-sunken",
  ghost: "text-ink-soft hover:bg-sunken hover:text-ink",
  danger: "border border-danger/40 bg-danger-soft text-danger-text hover:border-danger",
};
const SIZES: Record<Size, string> = {
  small: "h-8 gap-1.5 px-2.5 text-[13px]",
  medium: "h-9 gap-2 px-3.5 text-sm",
};

export interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  size?: Size;
  /** Shows that it is at work, and takes no second click meanwhile. */
  busy?: boolean;
  /** Gives its looks to the one child, a link for example. */
  asChild?: boolean;
}

export function Button({ look = "secondary", size = "medium", busy, asChild, className, children, disabled, ...rest }: ButtonProps) {
  const names = classes(
    "inline-flex shrink-0 items-center justify-center rounded-lg font-medium whitespace-nowrap transition-colors select-none",
    "disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
    LOOKS[look],
    SIZES[size],
    className,
  );
  if (asChild) {
    return (
      <Slot.Root className={names} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type="button" className={names} disabled={disabled || busy} aria-busy={busy || undefined} {...rest}>
      {busy ? <Spinner /> : null}
      {children}
    </button>
  );
}
