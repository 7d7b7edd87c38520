import type { ReactNode } from "react";
import { ContextMenu as Radix } from "radix-ui";
import { Keys } from "./keys";
import { classes } from "./classes";

interface ContextMenuProps {
  /** Where a right click, or the menu key, opens it. */
  children: ReactNode;
  items: ReactNode;
  onOpenChange?: (open: boolean) => void;
}

/** What can be done with what is under the pointer, or has the focus. */
export function ContextMenu({ children, items, onOpenChange }: ContextMenuProps) {
  return (
    <Radix.Root {...(onOpenChange ? { onOpenChange } : {})}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="z-50 max-h-[80dvh] min-w-52 overflow-y-auto rounded-lg border bg-raised p-1 text-sm shadow-pop">{items}</Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ContextItemProps {
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function ContextItem({ keys, danger, disabled, onSelect, children }: ContextItemProps) {
  return (
    <Radix.Item
      disabled={disabled}
      onSelect={onSelect}
      className={classes(
        "flex h-8 cursor-default items-center gap-4 rounded-md px-2 outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-sunken",
        danger && "text-danger-text",
      )}
    >
      <span className="flex-1">{children}</span>
      {keys ? <Keys keys={keys} /> : null}
    </Radix.Item>
  );
}

export function ContextSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}
