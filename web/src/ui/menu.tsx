import type { ReactNode } from "react";
import { DropdownMenu } from "radix-ui";
import { Keys } from "./keys";
import { classes } from "./classes";

interface MenuProps {
  /** A button. */
  trigger: ReactNode;
  align?: "start" | "end";
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}

export function Menu({ trigger, align = "end", onOpenChange, children }: MenuProps) {
  return (
    <DropdownMenu.Root {...(onOpenChange ? { onOpenChange } : {})}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          className="z-50 max-h-[80dvh] min-w-48 overflow-y-auto rounded-lg border bg-raised p-1 text-sm shadow-pop"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, keys, danger, disabled, onSelect, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={classes(
        "flex h-8 cursor-default items-center gap-2 rounded-md px-2 outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-sunken [&_svg]:size-4",
        danger && "text-danger-text",
      )}
    >
      {icon}
      <span className="flex-1">{children}</span>
      {keys ? <Keys keys={keys} /> : null}
    </DropdownMenu.Item>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 py-1 text-xs text-ink-faint">{children}</DropdownMenu.Label>;
}
