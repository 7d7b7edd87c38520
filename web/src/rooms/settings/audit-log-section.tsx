import { useInfiniteQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Cell, ErrorNotice, HeadCell, ListSkeleton, Moment, Table } from "@/ui";
import { AuditEntryDialog, type Entry } from "./audit-entry-dialog";
import { AuditFilters, queryOf, type AuditFilter } from "./audit-filters";

export function AuditLogSection() {
  const t = useTranslations("settings");
  const ui = useTranslations("ui");
  const [filter, setFilter] = useState<AuditFilter>({});
  const [shown, setShown] = useState<Entry | null>(null);
  const query = queryOf(filter);
  const log = useInfiniteQuery({
    queryKey: ["audit-log", query],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      body(api.GET("/api/v1/audit-log", { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}), ...query } } })),
    getNextPageParam: (page) => page.next_cursor,
  });
  const rows = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <AuditFilters filter={filter} onChange={setFilter} />
        <Button asChild>
          <a href={`/api/v1/audit-log/export?${new URLSearchParams({ format: "csv", ...query }).toString()}`} download>
            <Download aria-hidden />
            {t("exportCsv")}
          </a>
        </Button>
      </div>
      {log.isPending ? <ListSkeleton /> : null}
      {log.error ? <ErrorNotice error={log.error} onRetry={() => void log.refetch()} /> : null}
      {rows.length > 0 ? (
        <Table stacks label={t("audit-log")}>
          <thead>
            <tr>
              <HeadCell>#</HeadCell>
              <HeadCell>{t("when")}</HeadCell>
              <HeadCell>{t("action")}</HeadCell>
              <HeadCell>{t("who")}</HeadCell>
              <HeadCell>{t("what")}</HeadCell>
              <HeadCell>{t("detail")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <Cell className="tabular-nums">{row.number}</Cell>
                <Cell>
                  <Moment at={row.at} />
                </Cell>
                <Cell className="font-mono text-xs">{row.action}</Cell>
                <Cell className="max-w-40 truncate font-mono text-xs">{row.actor}</Cell>
                <Cell className="max-w-48 truncate font-mono text-xs">{row.target}</Cell>
                <Cell className="max-w-72">
                  <button
                    type="button"
                    onClick={() => setShown(row)}
                    className="block max-w-full truncate rounded font-mono text-xs text-accent-text underline underline-offset-2"
                  >
                    <span className="sr-only">{t("showDetail", { number: row.number })}: </span>
                    {JSON.stringify(row.detail)}
                  </button>
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
      {log.data && rows.length === 0 ? <p className="text-sm text-ink-soft">{t("noEntries")}</p> : null}
      {shown ? <AuditEntryDialog entry={shown} onClose={() => setShown(null)} /> : null}
      {log.hasNextPage ? (
        <Button className="self-center" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {ui("more")}
        </Button>
      ) : null}
    </div>
  );
}
