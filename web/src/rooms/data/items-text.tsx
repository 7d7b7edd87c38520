import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslations } from "use-intl";
import { CopyButton } from "@/ui";
import type { ItemSource } from "./data-view";
import { ItemFiles, type ItemFile } from "./item-files";

const LONGEST = 20_000;

/** Items as JSON text, one after the other. */
export function ItemsText({ source, fileHref }: { source: ItemSource; fileHref?: ((file: ItemFile) => string) | undefined }) {
  const t = useTranslations("data");
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: source.count, getScrollElement: () => frame.current, estimateSize: () => 120, overscan: 3 });
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={frame} role="region" aria-label={t("json")} tabIndex={0} className="h-full overflow-auto">
      <div className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const item = source.at(row.index);
          if (!item) source.want(row.index);
          const text = item ? JSON.stringify(item, null, 2) : "…";
          return (
            <div
              key={row.index}
              ref={rows.measureElement}
              data-index={row.index}
              className="absolute inset-x-0 top-0 border-b px-3 py-2"
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <div className="flex items-start justify-between gap-2">
                <pre className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-pre-wrap break-words">
                  {text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}
                </pre>
                <CopyButton text={text} />
              </div>
              {source.filesAt(row.index).length > 0 ? (
                <div className="pt-1.5">
                  <ItemFiles files={source.filesAt(row.index)} hrefOf={fileHref} />
                </div>
              ) : null}
            </div>
          );
        })}
      </div>
    </div>
  );
}
