import { lazy, Suspense, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Card } from "../card";
import { Skeleton } from "../skeleton";
import { Cell, HeadCell, Table } from "../table";

export interface Series {
  key: string;
  name: string;
  /** A colour of the theme, such as `var(--success)`. */
  color: string;
  /** Bars of one chart stand on each other, those below zero under the line. */
  kind: "bar" | "line";
}

export interface ChartRow {
  label: string;
  values: Readonly<Record<string, number | null>>;
}

interface ChartProps {
  title: string;
  /** Beside the title, such as what is meant. */
  help?: ReactNode;
  /** What the first column of the table is called. */
  labelName: string;
  series: readonly Series[];
  rows: readonly ChartRow[];
  /** Writes a value, shortly where it stands on an axis. */
  format: (value: number, short: boolean) => string;
  /** What is said where there is nothing to draw. */
  empty: string;
}

// The library is larger than most pages: only who looks at a chart loads it.
const Plot = lazy(async () => ({ default: (await import("./plot")).Plot }));

/** A chart by labels such as months, which the arrow keys walk through; and the same as a table. */
export function Chart({ title, help, labelName, series, rows, format, empty }: ChartProps) {
  const t = useTranslations("ui");
  const isEmpty = rows.every((row) => series.every(({ key }) => !row.values[key]));
  return (
    <Card className="flex min-w-0 flex-col gap-2 p-4">
      <div className="flex items-center gap-1.5">
        <h2 className="text-base font-semibold">{title}</h2>
        {help}
      </div>
      {isEmpty ? (
        <p className="rounded-lg bg-sunken px-3 py-10 text-center text-sm text-ink-soft">{empty}</p>
      ) : (
        <>
          <ul className="flex flex-wrap gap-x-3 gap-y-1 text-[13px] text-ink-soft">
            {series.map((one) => (
              <li key={one.key} className="flex items-center gap-1.5">
                <span aria-hidden className={one.kind === "bar" ? "size-2.5 rounded-sm" : "h-0.5 w-3.5"} style={{ background: one.color }} />
                {one.name}
              </li>
            ))}
          </ul>
          <figure aria-label={t("chartOf", { title })} className="h-56">
            <Suspense fallback={<Skeleton className="h-full w-full" />}>
              <Plot title={title} series={series} rows={rows} format={format} />
            </Suspense>
          </figure>
          <details className="text-sm">
            <summary className="w-fit text-[13px] text-ink-soft hover:text-ink">{t("asTable")}</summary>
            <div className="mt-2 max-h-80 overflow-auto">
              <Table label={title}>
                <thead>
                  <tr>
                    <HeadCell>{labelName}</HeadCell>
                    {series.map((one) => (
                      <HeadCell key={one.key} className="text-right">
                        {one.name}
                      </HeadCell>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.label}>
                      <Cell className="whitespace-nowrap">{row.label}</Cell>
                      {series.map(({ key }) => {
                        const value = row.values[key] ?? null;
                        return (
                          <Cell key={key} className="text-right whitespace-nowrap tabular-nums">
                            {value === null ? "–" : format(value, false)}
                          </Cell>
                        );
                      })}
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
