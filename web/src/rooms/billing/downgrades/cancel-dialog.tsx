import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Dialog, ErrorNotice, ListSkeleton } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Subscription } from "../billing-queries";
import { useDay } from "../day";
import { CancelReason, type Reason } from "../overview/cancel-reason";
import { asSent, NOTHING_STOPS, tooMuchQuery, type Stopping } from "./too-much";
import { TooMuchList } from "./too-much-list";

/** Ends the subscription with its period, once somebody has read until when it holds and what is too much then. */
export function CancelDialog({ subscription, onClose }: { subscription: Subscription; onClose: () => void }) {
  const t = useTranslations("billing");
  const day = useDay();
  const refresh = useRefreshBilling();
  const [stopping, setStopping] = useState<Stopping>(NOTHING_STOPS);
  const [reason, setReason] = useState<Reason>({});
  const found = useQuery(tooMuchQuery("free"));
  const end = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/cancel", { body: { at: "period_end", ...reason, ...asSent(stopping) } })),
    onSuccess: () => {
      toast.success(t("cancelled"));
      onClose();
    },
    // Stripe may have done it although its answer was lost.
    onSettled: refresh,
  });
  const { plan_name: plan, current_period_end: until } = subscription;
  const beyond = found.data?.items ?? [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("cancelTitle", { plan })}
      description={until ? t("cancelDetail", { plan, day: day(until) }) : t("cancelDetailNow", { plan })}
      footer={
        <>
          <Button onClick={onClose}>{t("leaveAsIs")}</Button>
          <Button look="danger" busy={end.isPending} disabled={found.isPending} onClick={() => end.mutate()}>
            {t("cancelPlan")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        {found.isPending ? <ListSkeleton rows={2} /> : null}
        {found.error ? <ErrorNotice error={found.error} onRetry={() => void found.refetch()} /> : null}
        {beyond.length > 0 ? (
          <>
            <p className="text-sm">{t("downgrades.beyondFree")}</p>
            <TooMuchList found={beyond} stopping={stopping} onStopping={setStopping} />
          </>
        ) : null}
        <CancelReason reason={reason} onReason={setReason} />
        {end.error ? <ErrorNotice error={end.error} /> : null}
      </div>
    </Dialog>
  );
}
