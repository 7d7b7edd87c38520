import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { Button, Checkbox, EmptyState, ErrorNotice, ListSkeleton, Moment, Notice } from "@/ui";
import { toast } from "@/ui/toast";
import { useMoney } from "../use-money";
import { factsOf } from "./alert-facts";

type AdministratorAlert = components["schemas"]["AdministratorAlertOut"];

const KEY = ["instance", "alerts"];
const TONES = { info: "info", warning: "warning", error: "danger" } as const;

type Fact = Parameters<ReturnType<typeof useTranslations<"billing.administratorAlerts.factNames">>["has"]>[0];

/** What the administrators were told about billing, and the way to have done with it. */
export function AdministratorAlerts() {
  const t = useTranslations("billing");
  const alerts = useQuery({ queryKey: KEY, queryFn: () => body(api.GET("/api/v1/instance/alerts")) });
  const [old, setOld] = useState(false);
  const shown = alerts.data?.items.filter((one) => old || one.dismissed_at === null) ?? [];
  const hasOld = alerts.data?.items.some((one) => one.dismissed_at !== null) ?? false;
  return (
    <section aria-label={t("administratorAlerts.title")} className="flex flex-col gap-3">
      {hasOld ? <Checkbox label={t("showDismissed")} checked={old} onChange={(event) => setOld(event.target.checked)} /> : null}
      {alerts.isPending ? <ListSkeleton rows={2} /> : null}
      {alerts.error ? <ErrorNotice error={alerts.error} onRetry={() => void alerts.refetch()} /> : null}
      {alerts.data && shown.length === 0 ? (
        <EmptyState icon={ShieldCheck} title={t("administratorAlerts.none")}>
          {t("administratorAlerts.noneHint")}
        </EmptyState>
      ) : null}
      {shown.map((alert) => (
        <AlertNotice key={alert.id} alert={alert} />
      ))}
    </section>
  );
}

function AlertNotice({ alert }: { alert: AdministratorAlert }) {
  const t = useTranslations("billing");
  const words = useTranslations("billing.administratorAlerts.kinds");
  const names = useTranslations("billing.administratorAlerts.factNames");
  const { money } = useMoney();
  const queries = useQueryClient();
  const dismiss = useMutation({
    mutationFn: () => api.POST("/api/v1/instance/alerts/{alert_id}/dismiss", { params: { path: { alert_id: alert.id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
    onError: toast.failed,
  });
  // A kind that this app does not know yet is told in the server's words.
  const said = (part: "title" | "remedy") => {
    const key = `${alert.kind}.${part}` as Parameters<typeof words.has>[0];
    return words.has(key) ? words(key as "refund_failed.title") : alert[part];
  };
  const title = said("title");
  return (
    <Notice
      tone={TONES[alert.level]}
      title={title}
      actions={
        alert.dismissed_at === null ? (
          <Button size="small" busy={dismiss.isPending} aria-label={t("dismissNamed", { text: title })} onClick={() => dismiss.mutate()}>
            {t("dismiss")}
          </Button>
        ) : (
          <span className="text-[13px]">{t("dismissed")}</span>
        )
      }
    >
      <p>{said("remedy")}</p>
      <p className="text-[13px]">
        <Moment at={alert.created_at} />
      </p>
      <dl aria-label={t("administratorAlerts.facts")} className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 text-[13px]">
        {factsOf(alert.detail, money).map(([name, value]) => (
          <div key={name} className="contents">
            <dt>{names.has(name as Fact) ? names(name as Fact) : name.replaceAll("_", " ")}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </Notice>
  );
}
