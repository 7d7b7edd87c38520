import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Subscription } from "../billing-queries";

/** What leads out of the state that a subscription is in, as far as the server offers it. */
export function RemedyButtons({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing.remedies");
  const confirm = useConfirm();
  const pay = useRemedy(() => body(api.POST("/api/v1/billing/pay")), t("paid"));
  const goOn = useRemedy(() => body(api.POST("/api/v1/billing/resume")), t("wentOn"));
  const end = useRemedy(() => body(api.POST("/api/v1/billing/cancel", { body: { at: "now" } })), t("ended"));
  const may = new Set(subscription.actions);
  const endNow = async () => {
    const plan = subscription.subscribed_plan ?? subscription.plan_name;
    if (await confirm({ title: t("endNowTitle", { plan }), detail: t("endNowDetail"), action: t("endNow"), danger: true })) end.mutate();
  };
  return (
    <>
      {may.has("pay") ? (
        <Button size="small" look="primary" busy={pay.isPending} onClick={() => pay.mutate()}>
          {t("pay")}
        </Button>
      ) : null}
      {subscription.status === "paused" && may.has("resume") ? (
        <Button size="small" look="primary" busy={goOn.isPending} onClick={() => goOn.mutate()}>
          {t("goOn")}
        </Button>
      ) : null}
      {may.has("end_now") ? (
        <Button size="small" busy={end.isPending} onClick={() => void endNow()}>
          {t("endNow")}
        </Button>
      ) : null}
    </>
  );
}

function useRemedy(act: () => Promise<unknown>, done: string) {
  const refresh = useRefreshBilling();
  return useMutation({
    mutationFn: act,
    onSuccess: () => toast.success(done),
    onError: toast.failed,
    // Stripe may have done it although its answer was lost.
    onSettled: refresh,
  });
}
