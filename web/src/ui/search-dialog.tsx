import { Command } from "cmdk";
import type { ReactNode } from "react";

interface SearchDialogProps {
  /** What the dialog is called. */
  label: string;
  placeholder: string;
  /** Said where nothing fits. */
  nothing: string;
  onClose: () => void;
  children: ReactNode;
}

/** Things to search in and to choose from; `Command.Group` and `Command.Item` of cmdk go into it. */
export function SearchDialog({ label, placeholder, nothing, onClose, children }: SearchDialogProps) {
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label={label}
      overlayClassName="fixed inset-0 z-40 bg-black/35"
      contentClassName="fixed inset-x-3 top-[8dvh] z-50 overflow-hidden rounded-xl border bg-raised shadow-pop sm:inset-x-auto sm:left-1/2 sm:w-[32rem] sm:-translate-x-1/2"
    >
      <Command.Input placeholder={placeholder} className="h-12 w-full border-b bg-transparent px-4 text-sm outline-none placeholder:text-ink-faint" />
      <Command.List className="max-h-[60dvh] overflow-y-auto p-2 text-sm [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint">
        <Command.Empty className="px-3 py-6 text-center text-ink-faint">{nothing}</Command.Empty>
        {children}
      </Command.List>
    </Command.Dialog>
  );
}
