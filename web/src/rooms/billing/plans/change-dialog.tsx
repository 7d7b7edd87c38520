import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { Button, Dialog, ErrorNotice, ListSkeleton } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Plan } from "../billing-queries";
import type { Terms } from "./plan-choice";
import { PreviewLines } from "./preview-lines";

export type Preview = components["schemas"]["ChangePreviewOut"];

interface ChangeDialogProps {
  plan: Plan;
  terms: Terms;
  onClose: () => void;
}

/** Shows what a change costs at once, and makes exactly that change when it is agreed to. */
export function ChangeDialog({ plan, terms, onClose }: ChangeDialogProps) {
  const t = useTranslations("billing");
  const refresh = useRefreshBilling();
  const navigate = useNavigate();
  const wish = { plan: plan.plan, ...terms };
  const preview = useQuery({
    queryKey: ["billing-preview", wish],
    // What was shown is what is agreed to: it does not change by itself.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    queryFn: async () => {
      const found = await body(api.POST("/api/v1/billing/change", { body: { ...wish, when: "now", preview: true } }));
      if (!("proration_date" in found)) throw new Error(t("noPreview"));
      return found;
    },
  });
  const change = useMutation({
    mutationFn: (shown: Preview) => body(api.POST("/api/v1/billing/change", { body: { ...wish, when: "now", preview: false, proration_date: shown.proration_date } })),
    onSuccess: async (made) => {
      await refresh();
      onClose();
      if ("pending_change" in made && made.pending_change) {
        toast.info(t("payments.waits"));
        await navigate({ to: "/settings/$section", params: { section: "billing" }, search: {} });
      } else toast.success(t("checkoutDone", { plan: plan.name }));
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
        {preview.isPending ? <ListSkeleton rows={3} /> : null}
        {preview.error ? <ErrorNotice error={preview.error} onRetry={() => void preview.refetch()} /> : null}
        {shown ? <PreviewLines preview={shown} plan={plan} terms={terms} /> : null}
        {change.error ? <ErrorNotice error={change.error} onRetry={() => void preview.refetch()} /> : null}
      </div>
    </Dialog>
  );
}
