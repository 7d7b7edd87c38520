import { useFormatter } from "use-intl";

/** Writes a month such as `2026-03` in the language of the page. */
export function useMonthName(): (month: string) => string {
  const format = useFormatter();
  return (month) => format.dateTime(new Date(`${month}-01T00:00:00Z`), { month: "short", year: "numeric", timeZone: "UTC" });
}
