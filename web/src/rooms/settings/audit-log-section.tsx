import { useInfiniteQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Cell, ErrorNotice, Field, HeadCell, Input, ListSkeleton, Moment, Table } from "@/ui";

export function AuditLogSection() {
  const t = useTranslations("settings");
  const ui = useTranslations("ui");
  const [action, setAction] = useState("");
  const log = useInfiniteQuery({
    queryKey: ["audit-log", action],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      body(api.GET("/api/v1/audit-log", { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}), ...(action ? { action } : {}) } } })),
    getNextPageParam: (page) => page.next_cursor,
  });
  const rows = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <Field label={t("action")} hint={t("actionHint")} className="min-w-56">
          <Input defaultValue="" spellCheck={false} onBlur={(event) => setAction(event.target.value.trim())} onKeyDown={(event) => event.key === "Enter" && setAction(event.currentTarget.value.trim())} />
        </Field>
        <Button asChild>
          <a href={`/api/v1/audit-log/export?format=csv${action ? `&action=${encodeURIComponent(action)}` : ""}`} download>
            <Download aria-hidden />
            {t("exportCsv")}
          </a>
        </Button>
      </div>
      {log.isPending ? <ListSkeleton /> : null}
      {log.error ? <ErrorNotice error={log.error} onRetry={() => void log.refetch()} /> : null}
      {rows.length > 0 ? (
        <Table label={t("audit-log")}>
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
                <Cell className="max-w-72 truncate font-mono text-xs" title={JSON.stringify(row.detail)}>
                  {JSON.stringify(row.detail)}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
      {log.hasNextPage ? (
        <Button className="self-center" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {ui("more")}
        </Button>
      ) : null}
    </div>
  );
}
