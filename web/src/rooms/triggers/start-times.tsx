import { useFormatter, useNow, useTranslations } from "use-intl";

/** Beyond it a day without its year could be meant for another one. */
const CLEAR_MS = 300 * 86_400_000;

/** The next moments at which a schedule starts, in one zone, which is named. */
export function StartTimes({ times, timezone }: { times: readonly string[]; timezone: string }) {
  const t = useTranslations("triggers");
  const format = useFormatter();
  const now = useNow();
  return (
    <div className="text-[13px] text-ink-soft">
      <p>{t("nextStarts", { timezone })}</p>
      <ol aria-label={t("nextStarts", { timezone })} className="mt-1 flex flex-wrap gap-1.5">
        {times.map((at) => (
          <li key={at} className="rounded-md bg-sunken px-2 py-0.5 tabular-nums">
            <time dateTime={at}>{format.dateTime(new Date(at), { weekday: "short", day: "numeric", month: "short", year: Date.parse(at) - now.getTime() > CLEAR_MS ? "numeric" : undefined, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: timezone })}</time>
          </li>
        ))}
      </ol>
    </div>
  );
}
