import { classes } from "./classes";

const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);
const SHOWN: Record<string, string> = APPLE
  ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Enter: "↵", Escape: "Esc" }
  : { Mod: "Ctrl", Enter: "↵", Escape: "Esc" };

/** A shortcut such as `Mod+Shift+Z`, as this machine's keyboard names its keys. */
export function Keys({ keys, inverted }: { keys: string; inverted?: boolean }) {
  return (
    <span className="inline-flex gap-0.5">
      {keys.split("+").map((key) => (
        <kbd
          key={key}
          className={classes(
            "min-w-5 rounded border px-1 text-center font-sans text-[11px] leading-[18px]",
            inverted ? "border-canvas/30 text-canvas" : "bg-sunken text-ink-soft",
          )}
        >
          {SHOWN[key] ?? key}
        </kbd>
      ))}
    </span>
  );
}
