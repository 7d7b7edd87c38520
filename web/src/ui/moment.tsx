import { useFormatter, useNow } from "use-intl";
import { Tooltip } from "./tooltip";

const REFRESH_MS = 15_000;

/** A time as people say it (“2 minutes ago”), with the exact time here and in UTC beside it. */
export function Moment({ at, fallback = "–" }: { at: string | null | undefined; fallback?: string }) {
  const format = useFormatter();
  const now = useNow({ updateInterval: REFRESH_MS });
  if (!at) return <span className="text-ink-faint">{fallback}</span>;
  const date = new Date(at);
  const exact = format.dateTime(date, { dateStyle: "medium", timeStyle: "medium" });
  return (
    <Tooltip text={`${exact} · ${date.toISOString()}`}>
      <time dateTime={at} className="whitespace-nowrap tabular-nums">
        {format.relativeTime(date, now)}
      </time>
    </Tooltip>
  );
}
