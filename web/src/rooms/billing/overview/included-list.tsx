import { Check, Minus } from "lucide-react";
import { useLocale, useTranslations } from "use-intl";
import type { Subscription } from "../billing-queries";
import { useNames } from "../names";
import { limitText } from "../quantity";

/** What else the plan includes: the limits that do not fill up, and what is switched on. */
export function IncludedList({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const names = useNames();
  const locale = useLocale();
  const counted = new Set(subscription.limits.map((one) => one.name));
  const others = Object.entries(subscription.included).filter(([name]) => !counted.has(name));
  return (
    <section aria-label={t("included")} className="flex flex-col gap-3 text-sm">
      <h2 className="text-base font-semibold">{t("included")}</h2>
      <dl className="grid gap-x-6 gap-y-1.5 sm:grid-cols-2">
        {others.map(([name, amount]) => (
          <div key={name} className="flex justify-between gap-3">
            <dt className="text-ink-soft">{names.limit(name)}</dt>
            <dd className="font-medium whitespace-nowrap tabular-nums">{amount === null ? t("unlimited") : limitText(name, amount, locale)}</dd>
          </div>
        ))}
        {Object.entries(subscription.features).map(([name, on]) => (
          <div key={name} className="flex justify-between gap-3">
            <dt className="text-ink-soft">{names.feature(name)}</dt>
            <dd className="flex items-center gap-1">
              {on ? <Check aria-hidden className="size-4 text-success-text" /> : <Minus aria-hidden className="size-4 text-ink-faint" />}
              {on ? t("yes") : t("no")}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
