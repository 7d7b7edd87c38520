import { Braces, Download, ListTree, Table2 } from "lucide-react";
import { useCallback, useState, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Badge, IconButton, classes } from "@/ui";
import type { ItemFile } from "./item-files";
import { ItemsTable } from "./items-table";
import { ItemsText } from "./items-text";
import { SchemaList } from "./schema-list";

export interface PortData {
  count: number;
  items: object[];
  truncated?: boolean;
  files?: FilesByPlace;
}

/** Files beside items, by the items' places in the port. */
type FilesByPlace = Readonly<Record<string, readonly ItemFile[]>>;
/** Some of the items of a port; `files` are by the places in the port, not in the page. */
export interface ItemsPage {
  items: object[];
  files?: FilesByPlace;
}

type LoadPage = (port: string, offset: number, limit: number) => Promise<ItemsPage>;

interface DataViewProps {
  label: string;
  ports: Record<string, PortData>;
  /** Gets items that are not in `ports` yet. */
  loadPage?: LoadPage;
  onInsertField?: (path: string) => void;
  downloadHref?: (port: string) => string;
  /** Items that failed, by their position, with why. */
  failed?: ReadonlyMap<number, string>;
  /** The position of an item to bring into view. */
  shown?: number | null;
  /** The port to begin with. */
  shownPort?: string | undefined;
  /** Where a file beside an item is given out. */
  fileHref?: ((file: ItemFile) => string) | undefined;
  /** What can be done with an item, by its port and position. */
  itemActions?: (port: string, index: number) => ReactNode;
  /** Shown where there is nothing. */
  empty?: string;
}

const VIEWS = ["table", "json", "schema"] as const;
type View = (typeof VIEWS)[number];
const PAGE = 100;

/** Items by port, as a table, as JSON, or as the fields that there are. */
export function DataView({ label, ports, loadPage, onInsertField, downloadHref, failed, shown, shownPort, fileHref, itemActions, empty }: DataViewProps) {
  const t = useTranslations("data");
  const [view, setView] = useState<View>("table");
  const names = Object.keys(ports);
  const [chosen, setChosen] = useState<string | null>(shownPort ?? null);
  const port = chosen !== null && names.includes(chosen) ? chosen : (names.find((name) => (ports[name]?.count ?? 0) > 0) ?? names[0]);
  const data = port === undefined ? undefined : ports[port];
  const source = useItems(port ?? "", data, loadPage);
  if (port === undefined || !data || data.count === 0) {
    return <p className="p-4 text-sm text-ink-faint">{empty ?? t("nothing")}</p>;
  }
  const icons = { table: <Table2 aria-hidden />, json: <Braces aria-hidden />, schema: <ListTree aria-hidden /> };
  return (
    <section aria-label={label} className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-1 border-b px-2 py-1">
        {names.length > 1 ? (
          <div role="group" aria-label={t("ports")} className="flex flex-wrap gap-1">
            {names.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === port}
                onClick={() => setChosen(name)}
                className={classes(
                  "h-7 rounded-md px-2 text-xs",
                  name === port ? "bg-accent-soft font-medium text-accent-text" : "text-ink-soft hover:bg-sunken",
                )}
              >
                {name} · {ports[name]?.count ?? 0}
              </button>
            ))}
          </div>
        ) : (
          <Badge>{t("items", { count: data.count })}</Badge>
        )}
        <div role="group" aria-label={t("view")} className="ml-auto flex">
          {VIEWS.map((one) => (
            <IconButton
              key={one}
              size="small"
              label={t(one)}
              aria-pressed={view === one}
              className={view === one ? "bg-accent-soft text-accent-text" : ""}
              onClick={() => setView(one)}
            >
              {icons[one]}
            </IconButton>
          ))}
          {downloadHref ? (
            <IconButton size="small" label={t("download")} asChild>
              <a href={downloadHref(port)} download aria-label={t("download")}>
                <Download aria-hidden />
              </a>
            </IconButton>
          ) : null}
        </div>
      </div>
      <div className="min-h-0 flex-1">
        {view === "table" ? <ItemsTable source={source} onInsertField={onInsertField} failed={failed} shown={shown} fileHref={fileHref} actions={itemActions && ((index) => itemActions(port, index))} /> : null}
        {view === "json" ? <ItemsText source={source} fileHref={fileHref} /> : null}
        {view === "schema" ? <SchemaList items={data.items} onInsertField={onInsertField} /> : null}
      </div>
    </section>
  );
}

export interface ItemSource {
  count: number;
  at: (index: number) => object | undefined;
  filesAt: (index: number) => readonly ItemFile[];
  /** Have the items around an index loaded. */
  want: (index: number) => void;
}

function useItems(port: string, data: PortData | undefined, loadPage: LoadPage | undefined): ItemSource {
  const [, redraw] = useState(0);
  const [pages] = useState(() => new WeakMap<PortData, Map<number, ItemsPage | "loading">>());
  const want = useCallback(
    (index: number) => {
      if (!data || !loadPage || index < data.items.length) return;
      const known = pages.get(data) ?? new Map<number, ItemsPage | "loading">();
      pages.set(data, known);
      const page = Math.floor(index / PAGE);
      if (known.has(page)) return;
      known.set(page, "loading");
      void loadPage(port, page * PAGE, PAGE).then(
        (found) => {
          known.set(page, found);
          redraw((count) => count + 1);
        },
        () => known.delete(page),
      );
    },
    [data, loadPage, pages, port],
  );
  const at = (index: number): object | undefined => {
    if (!data) return undefined;
    if (index < data.items.length) return data.items[index];
    const page = pages.get(data)?.get(Math.floor(index / PAGE));
    return page && page !== "loading" ? page.items[index % PAGE] : undefined;
  };
  const filesAt = (index: number): readonly ItemFile[] => {
    if (!data) return [];
    const page = index < data.items.length ? data : pages.get(data)?.get(Math.floor(index / PAGE));
    return (page && page !== "loading" ? page.files?.[index] : undefined) ?? [];
  };
  return { count: loadPage ? (data?.count ?? 0) : (data?.items.length ?? 0), at, filesAt, want };
}
