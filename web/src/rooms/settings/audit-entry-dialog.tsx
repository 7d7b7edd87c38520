import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { Dialog } from "@/ui";

export type Entry = components["schemas"]["AuditEntryOut"];

/** One entry, whole: its detail, and how it is chained to the one before. */
export function AuditEntryDialog({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const t = useTranslations("settings");
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={t("entry", { number: entry.number })} description={`${entry.action} · ${entry.at}`}>
      <pre className="mb-3 max-h-[60dvh] overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">{JSON.stringify(entry, null, 2)}</pre>
    </Dialog>
  );
}
