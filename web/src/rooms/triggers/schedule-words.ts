import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useLanguage } from "@/i18n/provider";

/** Periods that people have a word for, the longest first, in seconds. */
const PERIODS = [
  ["days", 86_400],
  ["hours", 3_600],
  ["minutes", 60],
  ["seconds", 1],
] as const;
type Period = (typeof PERIODS)[number][0];

/** A number of seconds in the largest unit that divides it. */
export function periodOf(seconds: number): { period: Period; count: number } {
  const [period, length] = PERIODS.find(([, one]) => seconds % one === 0) ?? PERIODS[3];
  return { period, count: seconds / length };
}

/** A cron expression in plain words; null where it is not one. */
export async function cronWords(expression: string, locale: string): Promise<string | null> {
  const cronstrue = (await import("cronstrue")).default;
  if (locale === "de") await import("cronstrue/locales/de");
  try {
    return cronstrue.toString(expression, { locale: locale === "de" ? "de" : "en", use24HourTimeFormat: true });
  } catch {
    return null;
  }
}

/** What a schedule's parameters mean, in the reader's language; null while that is not known. */
export function useScheduleWords(params: Record<string, unknown>): string | null {
  const t = useTranslations("triggers");
  const { locale } = useLanguage();
  const { cron, every_s: every } = params;
  const words = useQuery({
    queryKey: ["cron-words", cron, locale],
    queryFn: () => cronWords(String(cron), locale),
    enabled: typeof cron === "string" && cron !== "",
    staleTime: Infinity,
  });
  if (typeof every === "number" && Number.isInteger(every) && every > 0) {
    const { period, count } = periodOf(every);
    return t(`every.${period}`, { count });
  }
  return typeof cron === "string" ? (words.data ?? null) : null;
}
