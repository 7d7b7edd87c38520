import { useTranslations } from "use-intl";
import { Dialog, Keys } from "@/ui";
import { SHORTCUTS } from "./shortcuts";

export function KeyboardHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations("shell");
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t("keyboardHelp")} wide>
      <div className="grid gap-6 pb-3 sm:grid-cols-2">
        {(["everywhere", "editor"] as const).map((place) => (
          <section key={place} aria-labelledby={`shortcuts-${place}`}>
            <h3 id={`shortcuts-${place}`} className="mb-2 text-sm font-semibold">
              {t(`shortcuts.${place}`)}
            </h3>
            <dl className="flex flex-col gap-1.5">
              {SHORTCUTS[place].map(([name, keys]) => (
                <div key={name} className="flex items-center justify-between gap-3 text-sm">
                  <dt className="text-ink-soft">{t(`shortcuts.${name}`)}</dt>
                  <dd className="flex gap-1">
                    {keys.split(" ").map((chord) => (
                      <Keys key={chord} keys={chord} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
