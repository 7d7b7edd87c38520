/** By how much a check may be late before it is said. */
export const LATE_S = 5;
const SHORTEST_MS = 30_000;
const LONGEST_MS = 86_400_000;

/**
 * In how many milliseconds one should look whether a check is late; false where none is to come.
 *
 * A check that takes place is told of. Nobody tells of one that does not.
 */
export function overdueIn(triggers: readonly { next_check_at: string | null }[], now: number): number | false {
  const due = triggers.flatMap((one) => (one.next_check_at ? [Date.parse(one.next_check_at)] : []));
  if (due.length === 0) return false;
  return Math.min(Math.max(Math.min(...due) - now + 2 * LATE_S * 1000, SHORTEST_MS), LONGEST_MS);
}
