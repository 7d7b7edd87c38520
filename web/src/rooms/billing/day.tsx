import { useFormatter } from "use-intl";

/** A day as it stands in a contract: written out, not "in 3 weeks". */
export function Day({ at, fallback = "–" }: { at: string | null | undefined; fallback?: string }) {
  const text = useDay();
  if (!at) return <span className="text-ink-faint">{fallback}</span>;
  return (
    <time dateTime={at} className="whitespace-nowrap">
      {text(at)}
    </time>
  );
}

/** The same for a sentence. */
export function useDay(): (at: string | number) => string {
  const format = useFormatter();
  return (at) => format.dateTime(new Date(at), { year: "numeric", month: "long", day: "numeric" });
}
