import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Button, Notice } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Subscription } from "../billing-queries";
import { useDay } from "../day";

/** What the subscription becomes when its period ends, and the way to leave it as it is. */
export function ScheduledNotice({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing.downgrades");
  const day = useDay();
  const mayChange = useMay("billing:write");
  const refresh = useRefreshBilling();
  const takeBack = useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/billing/scheduled-change")),
    onSuccess: () => toast.success(t("takenBack")),
    onError: toast.failed,
    onSettled: refresh,
  });
  const coming = subscription.scheduled_change;
  if (!coming) return null;
  return (
    <Notice
      tone="info"
      title={t("scheduledTitle", { plan: coming.plan_name, day: day(coming.at) })}
      actions={
        mayChange ? (
          <Button size="small" busy={takeBack.isPending} onClick={() => takeBack.mutate()}>
            {t("takeBack")}
          </Button>
        ) : null
      }
    >
      {t("scheduledDetail", { interval: coming.interval, count: coming.seats, plan: subscription.plan_name })}
    </Notice>
  );
}
