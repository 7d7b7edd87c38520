/** A month such as `2026-03`, in UTC, `by` months later (earlier, below zero). */
export function shifted(month: string, by: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The month of a moment, in UTC. */
export function monthOf(moment: Date): string {
  return moment.toISOString().slice(0, 7);
}

/** The last months up to one, the newest first. */
export function monthsBack(from: string, number: number): string[] {
  return Array.from({ length: number }, (_, index) => shifted(from, -index));
}

/** What to ask the server for: whole months, the last one included; or nothing, its last thirty days. */
export function queryOf({ from, to }: { from?: string; to?: string }): { from?: string; to?: string } {
  return { ...(from ? { from: `${from}-01` } : {}), ...(to ? { to: `${shifted(to, 1)}-01` } : {}) };
}
