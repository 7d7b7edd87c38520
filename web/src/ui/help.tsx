import { CircleHelp } from "lucide-react";
import { Popover } from "radix-ui";
import { useTranslations } from "use-intl";

/** Says what something is, for who asks: by a click, or by the keyboard. */
export function Help({ of, text }: { of: string; text: string }) {
  const t = useTranslations("ui");
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={t("helpOn", { what: of })}
        title={text}
        className="inline-flex size-6 shrink-0 items-center justify-center rounded text-ink-faint hover:text-ink"
      >
        <CircleHelp aria-hidden className="size-3.5" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content sideOffset={4} collisionPadding={12} className="z-50 max-w-xs rounded-lg border bg-raised px-3 py-2 text-[13px] text-ink-soft shadow-pop">
          {text}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
