import { useFormatter, useTranslations } from "use-intl";

/** The next moments at which a schedule starts, in one zone, which is named. */
export function StartTimes({ times, timezone }: { times: readonly string[]; timezone: string }) {
  const t = useTranslations("triggers");
  const format = useFormatter();
  return (
    <div className="text-[13px] text-ink-soft">
      <p>{t("nextStarts", { timezone })}</p>
      <ol aria-label={t("nextStarts", { timezone })} className="mt-1 flex flex-wrap gap-1.5">
        {times.map((at) => (
          <li key={at} className="rounded-md bg-sunken px-2 py-0.5 tabular-nums">
            <time dateTime={at}>{format.dateTime(new Date(at), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: timezone })}</time>
          </li>
        ))}
      </ol>
    </div>
  );
}
