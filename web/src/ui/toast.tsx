import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { useTranslations } from "use-intl";
import { classes } from "./classes";

type Kind = "success" | "error" | "warning" | "info";
interface Message {
  id: number;
  kind: Kind;
  text: string;
}

let messages: readonly Message[] = [];
let count = 0;
const listeners = new Set<() => void>();
const MOST = 4;
const SHOWN_MS = 6000;

function write(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}
const say = (kind: Kind) => (text: string) => {
  count += 1;
  write([...messages, { id: count, kind, text }].slice(-MOST));
};

/** Tells something in passing; it is read aloud, and gone after a while. */
export const toast = { success: say("success"), error: say("error"), warning: say("warning"), info: say("info") };

const LOOKS = {
  success: ["border-success/50 bg-success-soft text-success-text", CircleCheck],
  error: ["border-danger/50 bg-danger-soft text-danger-text", CircleAlert],
  warning: ["border-warning/50 bg-warning-soft text-warning-text", CircleAlert],
  info: ["border-line bg-raised text-ink", Info],
} as const;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const t = useTranslations("ui");
  const shown = useSyncExternalStore(subscribe, () => messages);
  return (
    <Radix.Provider duration={SHOWN_MS} label={t("notice")}>
      {shown.map((message) => {
        const [look, Icon] = LOOKS[message.kind];
        return (
          <Radix.Root
            key={message.id}
            type={message.kind === "error" ? "foreground" : "background"}
            onOpenChange={(open) => !open && write(messages.filter((one) => one.id !== message.id))}
            className={classes("flex items-start gap-2 rounded-lg border p-3 text-sm shadow-pop", look)}
          >
            <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
            <Radix.Description className="min-w-0 flex-1 break-words">{message.text}</Radix.Description>
            <Radix.Close aria-label={t("close")} className="rounded p-1">
              <X aria-hidden className="size-3.5" />
            </Radix.Close>
          </Radix.Root>
        );
      })}
      <Radix.Viewport className="fixed right-0 bottom-0 z-50 flex w-96 max-w-full flex-col gap-2 p-4" />
    </Radix.Provider>
  );
}
