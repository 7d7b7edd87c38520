import { TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { useBuilder } from "../state/store";

/** Says why the server would not have the draft; the next change is tried again. */
export function RefusalBanner() {
  const t = useTranslations("builder");
  const refusal = useBuilder((builder) => (builder.saving === "refused" ? builder.refusal : null));
  if (!refusal) return null;
  const [first] = refusal.errors;
  return (
    <p role="alert" className="flex items-center gap-2 border-b border-danger/40 bg-danger-soft px-4 py-2 text-sm text-danger-text">
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      {t("refusedDraft", { reason: first ? `${first.pointer} ${first.message}` : refusal.message })}
    </p>
  );
}
