import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Subscription } from "../billing-queries";
import { useDay } from "../day";

/** Ends the subscription with its period, once somebody has read until when it holds. */
export function useCancel(subscription: Subscription): { cancel: () => Promise<void>; busy: boolean } {
  const t = useTranslations("billing");
  const confirm = useConfirm();
  const day = useDay();
  const refresh = useRefreshBilling();
  const end = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/cancel")),
    onSuccess: () => toast.success(t("cancelled")),
    onError: toast.failed,
    // Stripe may have done it although its answer was lost.
    onSettled: refresh,
  });
  const cancel = async () => {
    const plan = subscription.plan_name;
    const until = subscription.current_period_end;
    const detail = until ? t("cancelDetail", { plan, day: day(until) }) : t("cancelDetailNow", { plan });
    if (await confirm({ title: t("cancelTitle", { plan }), detail, action: t("cancelPlan"), danger: true })) end.mutate();
  };
  return { cancel, busy: end.isPending };
}
