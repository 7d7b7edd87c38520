import { useTranslations } from "use-intl";

/** What a trigger's checks logged, folded away; nothing where they logged nothing. */
export function TriggerLog({ lines }: { lines: readonly string[] }) {
  const t = useTranslations("triggers");
  if (lines.length === 0) return null;
  return (
    <details className="text-sm">
      <summary className="cursor-pointer text-ink-soft">{t("log", { count: lines.length })}</summary>
      <pre className="mt-1 max-h-48 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">{lines.join("\n")}</pre>
    </details>
  );
}
