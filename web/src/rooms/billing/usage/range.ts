export const RANGES = ["period", "7", "30", "90"] as const;
export type Range = (typeof RANGES)[number];

const DAY_MS = 86_400_000;

/** The bounds of a range as the server takes them: whole days (UTC), and to now. */
export function boundsOf(range: Range, periodStart: string, now: Date): { from: string; to: string } {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const from = range === "period" ? new Date(periodStart) : new Date(today - (Number(range) - 1) * DAY_MS);
  return { from: from.toISOString(), to: now.toISOString() };
}

/** The quantity of a meter on each day between two moments, those without any included. */
export function daysOf(usage: { from: string; to: string; points: readonly { start: string; meter: string; quantity: number }[] }, meter: string): { day: string; quantity: number }[] {
  const byDay = new Map<number, number>();
  for (const point of usage.points) {
    if (point.meter !== meter) continue;
    const day = Math.floor(Date.parse(point.start) / DAY_MS);
    byDay.set(day, (byDay.get(day) ?? 0) + point.quantity);
  }
  const first = Math.floor(Date.parse(usage.from) / DAY_MS);
  const last = Math.floor((Date.parse(usage.to) - 1) / DAY_MS);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    day: new Date((first + index) * DAY_MS).toISOString(),
    quantity: byDay.get(first + index) ?? 0,
  }));
}
