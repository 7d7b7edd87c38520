import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX, RotateCw, TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Badge, Button, Card, ErrorNotice, ListSkeleton } from "@/ui";

const LOOKS = {
  ok: ["success", CircleCheck],
  warning: ["warning", TriangleAlert],
  failed: ["danger", CircleX],
} as const;

export function InstanceSection() {
  const t = useTranslations("settings");
  const instance = useQuery({ queryKey: ["instance"], queryFn: () => body(api.GET("/api/v1/instance")) });
  const doctor = useQuery({ queryKey: ["instance", "doctor"], queryFn: () => body(api.GET("/api/v1/instance/doctor")), staleTime: 0 });
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      {instance.data ? (
        <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-sm">
          <dt className="text-ink-soft">{t("version")}</dt>
          <dd>{instance.data.version}</dd>
          <dt className="text-ink-soft">{t("publicUrl")}</dt>
          <dd className="break-all">{instance.data.public_url}</dd>
          <dt className="text-ink-soft">{t("hooksUrl")}</dt>
          <dd className="break-all">{instance.data.hooks_url}/hooks/</dd>
        </dl>
      ) : null}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-ink-soft">{t("instanceHint")}</p>
        <Button size="small" busy={doctor.isFetching} onClick={() => void doctor.refetch()}>
          <RotateCw aria-hidden />
          {t("checkAgain")}
        </Button>
      </div>
      {doctor.isPending ? <ListSkeleton rows={5} /> : null}
      {doctor.error ? <ErrorNotice error={doctor.error} onRetry={() => void doctor.refetch()} /> : null}
      {doctor.data ? (
        <ul className="flex flex-col gap-2" aria-live="polite">
          {doctor.data.checks.map((check) => {
            const [tone, Icon] = LOOKS[check.status];
            return (
              <li key={check.name}>
                <Card className="flex flex-wrap items-start gap-x-4 gap-y-1 p-3 text-sm">
                  <span className="w-32 font-medium">{check.name}</span>
                  <Badge tone={tone} icon={<Icon aria-hidden />}>
                    {t(`checkNames.${check.status}`)}
                  </Badge>
                  <span className="min-w-48 flex-1 break-words text-ink-soft">
                    {check.detail}
                    {check.remedy ? <span className="mt-0.5 block text-ink">{check.remedy}</span> : null}
                  </span>
                </Card>
              </li>
            );
          })}
        </ul>
      ) : null}
    </div>
  );
}
