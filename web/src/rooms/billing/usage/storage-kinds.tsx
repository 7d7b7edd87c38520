import { useQuery } from "@tanstack/react-query";
import { useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { bytesText, ErrorNotice, Moment } from "@/ui";

const KINDS = new Set(["events", "steps", "executions", "workflows", "versions", "node_history", "credentials", "files"]);

/** What is stored now, by kind, as it was measured last. */
export function StorageKinds() {
  const t = useTranslations("billing.storage");
  const locale = useLocale();
  const stored = useQuery({
    queryKey: ["billing", "usage", "storage"],
    queryFn: () => body(api.GET("/api/v1/billing/usage/storage")),
  });
  if (stored.isPending) return null;
  if (stored.error) return <ErrorNotice error={stored.error} onRetry={() => void stored.refetch()} />;
  const { bytes, included, items, measured_at: at } = stored.data;
  return (
    <section aria-label={t("title")} className="flex flex-col gap-2 text-sm">
      <h2 className="text-base font-semibold">{t("title")}</h2>
      <p className="text-ink-soft">
        {included === null ? t("stored", { bytes: bytesText(bytes, locale) }) : t("storedOf", { bytes: bytesText(bytes, locale), included: bytesText(included, locale) })}{" "}
        {at ? (
          <>
            {t("measured")} <Moment at={at} />
          </>
        ) : (
          t("notYet")
        )}
      </p>
      <dl className="grid gap-x-6 gap-y-1.5 sm:grid-cols-2">
        {items.map(({ kind, bytes: size }) => (
          <div key={kind} className="flex justify-between gap-3 border-b py-1">
            <dt className="text-ink-soft">{KINDS.has(kind) ? t(`kinds.${kind as "events"}`) : kind}</dt>
            <dd className="font-medium whitespace-nowrap tabular-nums">{bytesText(size, locale)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
