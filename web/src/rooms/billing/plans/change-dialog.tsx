import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { Button, Dialog, ErrorNotice, ListSkeleton } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Plan, type Subscription } from "../billing-queries";
import { useDay } from "../day";
import { asSent, NOTHING_STOPS, type Stopping } from "../downgrades/too-much";
import { TooMuchList } from "../downgrades/too-much-list";
import { WhenChoice, type When } from "../downgrades/when-choice";
import type { Terms } from "./plan-choice";
import { PreviewLines } from "./preview-lines";

export type Preview = components["schemas"]["ChangePreviewOut"];

interface ChangeDialogProps {
  plan: Plan;
  terms: Terms;
  subscription: Pick<Subscription, "current_period_end" | "status">;
  /** What is paid for already is given up by it: then it waits for the end of that, if nobody says otherwise. */
  isSmaller: boolean;
  onClose: () => void;
}

/** Shows what a change costs and what is too much for the plan, and makes exactly that change when it is agreed to. */
export function ChangeDialog({ plan, terms, subscription, isSmaller, onClose }: ChangeDialogProps) {
  const t = useTranslations("billing");
  const refresh = useRefreshBilling();
  const navigate = useNavigate();
  const day = useDay();
  const [when, setWhen] = useState<When>(isSmaller ? "period_end" : "now");
  const [stopping, setStopping] = useState<Stopping>(NOTHING_STOPS);
  const wish = { plan: plan.plan, ...terms, when };
  const preview = useQuery({
    queryKey: ["billing-preview", wish],
    // What was shown is what is agreed to: it does not change by itself.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    queryFn: async () => {
      const found = await body(api.POST("/api/v1/billing/change", { body: { ...wish, preview: true } }));
      if (!("proration_date" in found)) throw new Error(t("noPreview"));
      return found;
    },
  });
  const change = useMutation({
    mutationFn: (shown: Preview) => body(api.POST("/api/v1/billing/change", { body: { ...wish, ...asSent(stopping), preview: false, proration_date: shown.proration_date } })),
    onSuccess: async (made) => {
      await refresh();
      onClose();
      if ("pending_change" in made && made.pending_change) {
        toast.info(t("payments.waits"));
        await navigate({ to: "/settings/$section", params: { section: "billing" }, search: {} });
        return;
      }
      const until = subscription.current_period_end;
      toast.success(when === "now" ? t("checkoutDone", { plan: plan.name }) : t("downgrades.scheduledTitle", { plan: plan.name, day: until ? day(until) : "" }));
    },
  });
  const shown = preview.data;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("changeTitle", { plan: plan.name })}
      description={t("changeDetail", { interval: terms.interval, count: terms.seats })}
      footer={
        <>
          <Button onClick={onClose}>{t("leaveAsIs")}</Button>
          <Button look="primary" busy={change.isPending} disabled={!shown} onClick={() => shown && change.mutate(shown)}>
            {t("confirmChange")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        <WhenChoice when={when} onWhen={setWhen} endsAt={subscription.current_period_end} isTrial={subscription.status === "trialing"} />
        {preview.isPending ? <ListSkeleton rows={3} /> : null}
        {preview.error ? <ErrorNotice error={preview.error} onRetry={() => void preview.refetch()} /> : null}
        {shown ? <PreviewLines preview={shown} plan={plan} terms={terms} /> : null}
        {shown && shown.too_much.length > 0 ? (
          <section aria-label={t("downgrades.listTitle")} className="flex flex-col gap-2">
            <h3 className="text-sm font-semibold">{t("downgrades.beyondPlan", { plan: plan.name })}</h3>
            <p className="text-sm text-ink-soft">{t("downgrades.rule")}</p>
            <TooMuchList found={shown.too_much} stopping={stopping} onStopping={setStopping} />
          </section>
        ) : null}
        {change.error ? <ErrorNotice error={change.error} onRetry={() => void preview.refetch()} /> : null}
      </div>
    </Dialog>
  );
}
