import { useFormatter, useTranslations } from "use-intl";
import type { Limit } from "./queries";

const NAMES = ["executions", "ai_tokens", "api_calls"] as const;
const NEARLY = 0.8;

/** How far a limit is used, where that leads, and what happens when it is reached. */
export function LimitMeter({ limit }: { limit: Limit }) {
  const t = useTranslations("billing");
  const format = useFormatter();
  const known = NAMES.find((one) => one === limit.name);
  const name = known ? t(`limitNames.${known}`) : limit.name;
  const most = limit.ceiling ?? limit.included;
  const share = most ? Math.min(1, limit.used / most) : 0;
  const colour = share >= 1 ? "bg-danger" : share >= NEARLY ? "bg-warning" : "bg-accent";
  const of = most === null ? t("noLimit") : format.number(most);
  return (
    <div>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <span className="font-medium">{name}</span>
        <span className="tabular-nums text-ink-soft">{t("usedOf", { used: format.number(limit.used), of })}</span>
      </div>
      {most === null ? null : (
        <div
          role="meter"
          aria-label={name}
          aria-valuemin={0}
          aria-valuemax={most}
          aria-valuenow={Math.min(limit.used, most)}
          aria-valuetext={t("usedOf", { used: format.number(limit.used), of })}
          className="mt-1.5 h-2 overflow-hidden rounded-full bg-sunken"
        >
          <div className={`h-full rounded-full ${colour}`} style={{ width: `${Math.max(share * 100, limit.used > 0 ? 1 : 0)}%` }} />
        </div>
      )}
      <p className="mt-1 text-[13px] text-ink-faint">
        {most === null
          ? t("forecast", { count: limit.forecast })
          : limit.used >= most
            ? t(`atLimit.${limit.at_limit}`)
            : limit.reached_at
              ? t("reachedOn", { day: format.dateTime(new Date(limit.reached_at), { dateStyle: "long" }) })
              : t("forecast", { count: limit.forecast })}
      </p>
    </div>
  );
}
