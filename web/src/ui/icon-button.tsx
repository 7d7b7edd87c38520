import { classes } from "./classes";
import { Button, type ButtonProps } from "./button";
import { Tooltip } from "./tooltip";

interface IconButtonProps extends ButtonProps {
  /** What it does: its name for those who do not see the icon, and its tooltip. */
  label: string;
  /** The key that does the same, shown in the tooltip. */
  keys?: string;
}

export function IconButton({ label, keys, className, look = "ghost", size = "medium", ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <Button
        look={look}
        size={size}
        aria-label={label}
        className={classes(size === "small" ? "w-8 px-0" : "w-9 px-0", className)}
        {...rest}
      />
    </Tooltip>
  );
}
