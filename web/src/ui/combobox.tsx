import { Command } from "cmdk";
import { ChevronsUpDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useId, useState, type ReactNode } from "react";
import { classes } from "./classes";
import { useFieldControl } from "./field";
import { CONTROL } from "./input";

export interface Choice {
  key: string;
  label: string;
  detail?: string | undefined;
}

interface ComboboxProps {
  /** What is chosen, as it is shown; empty for nothing. */
  shown: string;
  placeholder: string;
  choices: readonly Choice[];
  onChoose: (key: string) => void;
  query: string;
  onQuery: (query: string) => void;
  /** Of the field to search in. */
  searchLabel: string;
  /** Below the choices: that they are loading, why there are none, how to get more. */
  footer?: ReactNode;
  onOpenChange?: (open: boolean) => void;
  disabled?: boolean;
}

/** One of many, looked for by typing; who uses it does the searching. */
export function Combobox(props: ComboboxProps) {
  const [open, setOpen] = useState(false);
  const popupId = useId();
  const control = useFieldControl();
  // A button cannot be required; whoever reads it out hears it of the label.
  const described = { id: control.id, "aria-describedby": control["aria-describedby"], "aria-invalid": control["aria-invalid"] };
  const change = (next: boolean) => {
    setOpen(next);
    props.onOpenChange?.(next);
  };
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Trigger asChild>
        <button
          type="button"
          role="combobox"
          aria-expanded={open}
          aria-haspopup="dialog"
          aria-controls={popupId}
          disabled={props.disabled}
          {...described}
          className={classes(CONTROL, "flex h-9 items-center justify-between gap-2 text-left")}
        >
          <span className={classes("truncate", !props.shown && "text-ink-faint")}>{props.shown || props.placeholder}</span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content id={popupId} align="start" sideOffset={4} className="z-50 w-[max(var(--radix-popover-trigger-width),14rem)] overflow-hidden rounded-lg border bg-raised text-sm shadow-pop">
          <Command shouldFilter={false} label={props.searchLabel}>
            <Command.Input value={props.query} onValueChange={props.onQuery} placeholder={props.searchLabel} className="h-9 w-full border-b bg-transparent px-3 text-sm outline-none placeholder:text-ink-faint" />
            <Command.List className="max-h-64 overflow-y-auto p-1">
              {props.choices.map((one) => (
                <Command.Item
                  key={one.key}
                  value={one.key}
                  onSelect={() => {
                    props.onChoose(one.key);
                    change(false);
                  }}
                  className="flex cursor-default flex-col rounded-md px-2 py-1.5 data-[selected=true]:bg-accent-soft"
                >
                  <span className="truncate">{one.label}</span>
                  {one.detail ? <span className="truncate text-xs text-ink-faint">{one.detail}</span> : null}
                </Command.Item>
              ))}
            </Command.List>
            {props.footer}
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
