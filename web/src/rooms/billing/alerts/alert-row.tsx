import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { Badge, Button, Card, Moment } from "@/ui";
import type { Alert } from "../billing-queries";
import { useNames } from "../names";
import { useDismiss } from "./use-dismiss";

const LOOKS = {
  info: ["text-info-text", Info],
  warning: ["text-warning-text", TriangleAlert],
  error: ["text-danger-text", CircleAlert],
} as const;

/** An alert with when it came, and the way to have done with it. */
export function AlertRow({ alert, text }: { alert: Alert; text: string }) {
  const t = useTranslations("billing");
  const names = useNames();
  const dismiss = useDismiss();
  const [look, Icon] = LOOKS[alert.level];
  return (
    <li>
      <Card className="flex flex-wrap items-start gap-3 p-3 text-sm">
        <Icon aria-label={t(`levels.${alert.level}`)} className={`mt-0.5 size-4 shrink-0 ${look}`} />
        <div className="min-w-48 flex-1">
          <p>{text}</p>
          <p className="text-[13px] text-ink-soft">
            {names.alert(alert.kind)} · <Moment at={alert.created_at} />
          </p>
        </div>
        {alert.resolved_at !== null ? <Badge tone="neutral">{t("downgrades.resolved")}</Badge> : null}
        {alert.dismissed_at === null ? (
          <Button size="small" busy={dismiss.isPending} aria-label={t("dismissNamed", { text })} onClick={() => dismiss.mutate(alert.id)}>
            {t("dismiss")}
          </Button>
        ) : (
          <span className="text-[13px] text-ink-faint">{t("dismissed")}</span>
        )}
      </Card>
    </li>
  );
}
