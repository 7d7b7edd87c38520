import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, X } from "lucide-react";
import { useState } from "react";
import { useFormatter, useLocale, useTranslations } from "use-intl";
import { useMay } from "@/api/me";
import { alertText } from "./alert-text";
import { alertsQuery } from "./queries";

const FRESH_MS = 60_000;

/** The newest urgent alert, above every page, for those who can do something about it. */
export function BillingBanner() {
  const t = useTranslations("billing");
  const format = useFormatter();
  const locale = useLocale();
  const may = useMay("billing:read");
  const [hidden, setHidden] = useState<string | null>(null);
  const alerts = useQuery({ ...alertsQuery, enabled: may, staleTime: FRESH_MS });
  const urgent = alerts.data?.items.find((one) => one.level === "error" && one.dismissed_at === null);
  if (!urgent || urgent.id === hidden) return null;
  return (
    <div role="alert" className="flex items-center gap-3 border-b border-danger/40 bg-danger-soft px-4 py-2 text-sm text-danger-text">
      <CircleAlert aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1">
        {alertText(urgent, t, format, locale)}{" "}
        <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "plans" }} className="font-medium underline">
          {t("seePlans")}
        </Link>
      </p>
      <button type="button" aria-label={t("hide")} className="rounded p-1" onClick={() => setHidden(urgent.id)}>
        <X aria-hidden className="size-4" />
      </button>
    </div>
  );
}
