import { useFormatter, useNow } from "use-intl";
import { Tooltip } from "@/ui/tooltip";

const DAY_MS = 86_400_000;
const MOST_DAYS = 100;

/** A bar for each day (UTC); those who do not see hear the same as a list. */
export function UsageChart({ from, byDay, label }: { from: string; byDay: ReadonlyMap<string, number>; label: string }) {
  const format = useFormatter();
  const now = useNow();
  const days = daysSince(from, now.getTime());
  const counts = new Map([...byDay].map(([start, quantity]) => [Date.parse(start), quantity]));
  const most = Math.max(1, ...days.map((day) => counts.get(day) ?? 0));
  const name = (day: number) => format.dateTime(new Date(day), { dateStyle: "medium", timeZone: "UTC" });
  return (
    <ul aria-label={label} className="flex h-36 items-end gap-px overflow-hidden sm:gap-0.5">
      {days.map((day) => {
        const quantity = counts.get(day) ?? 0;
        const text = `${name(day)}: ${format.number(quantity)}`;
        return (
          <li key={day} className="flex h-full max-w-16 min-w-0 flex-1 flex-col justify-end">
            <Tooltip text={text}>
              <span className="flex h-full flex-col justify-end">
                <span className="sr-only">{text}</span>
                <span
                  aria-hidden
                  className={quantity > 0 ? "rounded-t-sm bg-accent" : "bg-line"}
                  style={{ height: quantity > 0 ? `${Math.max(3, (quantity / most) * 100)}%` : "2px" }}
                />
              </span>
            </Tooltip>
          </li>
        );
      })}
    </ul>
  );
}

/** The days (UTC midnights) from a moment until now. */
export function daysSince(from: string, now: number): number[] {
  const first = Math.floor(Date.parse(from) / DAY_MS) * DAY_MS;
  const days: number[] = [];
  for (let day = first; day <= now && days.length < MOST_DAYS; day += DAY_MS) days.push(day);
  return days;
}
