import { useFormatter, useLocale, useTranslations } from "use-intl";
import { Card, Cell, HeadCell, Table } from "@/ui";
import { meterText } from "../quantity";

interface UsageChartProps {
  title: string;
  /** The unit that quantities are in. */
  kind: string;
  days: readonly { day: string; quantity: number }[];
}

/** A bar for each day, and the same as a table for whoever reads numbers rather than bars. */
export function UsageChart({ title, kind, days }: UsageChartProps) {
  const t = useTranslations("billing");
  const locale = useLocale();
  const format = useFormatter();
  // The server's days are UTC.
  const name = (day: string) => format.dateTime(new Date(day), { day: "numeric", month: "short", timeZone: "UTC" });
  const most = days.reduce((found, one) => (one.quantity > found.quantity ? one : found), { day: "", quantity: 0 });
  const total = days.reduce((sum, one) => sum + one.quantity, 0);
  const first = days[0];
  const last = days.at(-1);
  return (
    <Card className="flex flex-col gap-2 p-4">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="text-base font-semibold">{t("perDay", { meter: title })}</h2>
        <p className="text-sm text-ink-soft tabular-nums">{t("totalOf", { amount: meterText(kind, total, locale) })}</p>
      </div>
      {most.quantity === 0 || !first || !last ? (
        <p className="rounded-lg bg-sunken px-3 py-10 text-center text-sm text-ink-soft">{t("nothingUsed")}</p>
      ) : (
        <>
          <div
            role="img"
            aria-label={t("chartSummary", { meter: title, count: days.length, amount: meterText(kind, most.quantity, locale), day: name(most.day) })}
            className="flex h-44 items-end gap-px border-b sm:gap-0.5"
          >
            {days.map((one) => (
              <div key={one.day} title={`${name(one.day)}: ${meterText(kind, one.quantity, locale)}`} className="flex h-full max-w-10 min-w-0 flex-1 items-end hover:bg-sunken">
                <div className="w-full rounded-t-sm bg-accent" style={{ height: `${(one.quantity * 100) / most.quantity}%`, minHeight: one.quantity > 0 ? 2 : 0 }} />
              </div>
            ))}
          </div>
          <p aria-hidden className="flex justify-between text-xs text-ink-faint">
            <span>{name(first.day)}</span>
            <span>{t("highest", { amount: meterText(kind, most.quantity, locale) })}</span>
            {last === first ? null : <span>{name(last.day)}</span>}
          </p>
          <details className="text-sm">
            <summary className="w-fit text-[13px] text-ink-soft hover:text-ink">{t("asTable")}</summary>
            <div className="mt-2 max-h-80 overflow-y-auto">
              <Table label={t("perDay", { meter: title })}>
                <thead>
                  <tr>
                    <HeadCell>{t("dayUtc")}</HeadCell>
                    <HeadCell className="text-right">{title}</HeadCell>
                  </tr>
                </thead>
                <tbody>
                  {days.map((one) => (
                    <tr key={one.day}>
                      <Cell>{name(one.day)}</Cell>
                      <Cell className="text-right tabular-nums">{meterText(kind, one.quantity, locale)}</Cell>
                    </tr>
                  ))}
                </tbody>
              </Table>
            </div>
          </details>
        </>
      )}
    </Card>
  );
}
