import { useVirtualizer } from "@tanstack/react-virtual";
import { CircleAlert } from "lucide-react";
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import { classes } from "@/ui";
import type { ItemSource } from "./data-view";
import { FieldHandle } from "./field-handle";
import { ItemFiles, type ItemFile } from "./item-files";
import { shortText } from "./schema";

const ROW = 32;
const LOOKED_AT = 50;
const MOST_COLUMNS = 60;
const MOST_FILES = 5;

interface ItemsTableProps {
  source: ItemSource;
  onInsertField: ((path: string) => void) | undefined;
  failed?: ReadonlyMap<number, string> | undefined;
  shown?: number | null | undefined;
  fileHref?: ((file: ItemFile) => string) | undefined;
  actions?: ((index: number) => ReactNode) | undefined;
}

/** Items as rows; only the rows that are seen are in the page. */
export function ItemsTable({ source, onInsertField, failed, shown, fileHref, actions }: ItemsTableProps) {
  const t = useTranslations("data");
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: source.count, getScrollElement: () => frame.current, estimateSize: () => ROW, overscan: 8 });
  useEffect(() => {
    if (typeof shown === "number" && shown < source.count) rows.scrollToIndex(shown, { align: "center" });
    // Only another wish scrolls: who has scrolled away stays there.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shown]);
  const columns = useMemo(() => {
    const names = new Set<string>();
    for (let index = 0; index < Math.min(source.count, LOOKED_AT); index += 1) {
      for (const name of Object.keys(source.at(index) ?? {})) names.add(name);
    }
    return [...names].slice(0, MOST_COLUMNS);
    // The first items do not change while the same data are shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [source.count, source.at(0)]);
  // A column for files stands where one of the items that are shown has any.
  const hasFiles = rows.getVirtualItems().some((row) => source.filesAt(row.index).length > 0);
  return (
    // A region that scrolls has to be reached by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={frame} role="region" aria-label={t("table")} tabIndex={0} className="h-full overflow-auto">
      <table className="min-w-full border-collapse text-left text-[13px]" aria-rowcount={source.count + 1}>
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            <th scope="col" className="w-10 border-b px-2 py-1.5 text-xs font-normal text-ink-faint">
              #
            </th>
            {hasFiles ? (
              <th scope="col" className="border-b px-2 py-1 font-medium">
                {t("files")}
              </th>
            ) : null}
            {columns.map((name) => (
              <th key={name} scope="col" className="border-b px-2 py-1 font-medium whitespace-nowrap">
                <FieldHandle path={[name]} name={name} onInsertField={onInsertField} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={rows.getVirtualItems()[0]?.start ?? 0} />
          {rows.getVirtualItems().map((row) => {
            const item = source.at(row.index);
            if (!item) source.want(row.index);
            const why = failed?.get(row.index);
            return (
              <tr
                key={row.index}
                aria-rowindex={row.index + 2}
                style={{ height: ROW }}
                className={classes(why !== undefined && "bg-danger-soft", row.index === shown && "outline-2 -outline-offset-2 outline-accent")}
              >
                <td className="border-b px-2 text-xs whitespace-nowrap text-ink-faint tabular-nums" title={why}>
                  {row.index}
                  {why === undefined ? null : <CircleAlert role="img" aria-label={t("itemFailed", { message: why })} className="ml-1 inline size-3.5 text-danger-text" />}
                  {actions?.(row.index)}
                </td>
                {hasFiles ? (
                  <td className="border-b px-2 whitespace-nowrap">
                    {source.filesAt(row.index).length > 0 ? (
                      <span className="[&>ul]:flex-nowrap">
                        <ItemFiles files={source.filesAt(row.index)} hrefOf={fileHref} most={MOST_FILES} />
                      </span>
                    ) : null}
                  </td>
                ) : null}
                {columns.map((name) => (
                  <td key={name} className="max-w-72 truncate border-b px-2">
                    {item ? <Value value={(item as Record<string, unknown>)[name]} /> : "…"}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap height={rows.getTotalSize() - (rows.getVirtualItems().at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}

function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td style={{ height }} />
    </tr>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === undefined) return <span className="text-ink-faint">–</span>;
  if (value === null || typeof value === "boolean") return <span className="font-mono text-xs text-info-text">{String(value)}</span>;
  if (typeof value === "number") return <span className="tabular-nums">{value}</span>;
  return <span className={typeof value === "object" ? "font-mono text-xs text-ink-soft" : undefined}>{shortText(value)}</span>;
}
