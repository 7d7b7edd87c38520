import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { useTranslations } from "use-intl";
import { isPlanRefusal } from "@/api/problem";
import { classes } from "./classes";

type Kind = "success" | "error" | "warning" | "info";
interface Message {
  id: number;
  kind: Kind;
  text: string;
  /** Whether a larger plan is the way on. */
  plans: boolean;
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
function add(kind: Kind, text: string, plans = false): void {
  count += 1;
  write([...messages, { id: count, kind, text, plans }].slice(-MOST));
}
const say = (kind: Kind) => (text: string) => add(kind, text);

/** Tells something in passing; it is read aloud, and gone after a while. */
export const toast = {
  success: say("success"),
  error: say("error"),
  warning: say("warning"),
  info: say("info"),
  /** Tells why something failed, and leads to the plans where the plan is why. */
  failed: (error: Error) => add("error", error.message, isPlanRefusal(error)),
};

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

/** Stands beside the router, not in it: so it is told how to go to the plans. */
export function Toasts({ plansHref, onPlans }: { plansHref: string; onPlans: () => void }) {
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
            <div className="min-w-0 flex-1 break-words">
              <Radix.Description>{message.text}</Radix.Description>
              {message.plans ? (
                <Radix.Action altText={t("seePlans")} asChild>
                  <a
                    href={plansHref}
                    className="font-medium underline underline-offset-2"
                    onClick={(event) => {
                      event.preventDefault();
                      onPlans();
                    }}
                  >
                    {t("seePlans")}
                  </a>
                </Radix.Action>
              ) : null}
            </div>
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
