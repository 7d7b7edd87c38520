import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Dialog, ErrorNotice, Field, Input, ListSkeleton } from "@/ui";
import { toast } from "@/ui/toast";
import { money } from "./money";
import { BILLING, type Interval, type Plan, type Preview } from "./queries";

interface ChangeDialogProps {
  plan: Plan;
  interval: Interval;
  seats: number;
  onClose: () => void;
}

/** Shows what a change costs at once, and makes it when that is agreed to. */
export function ChangeDialog({ plan, interval, seats: before, onClose }: ChangeDialogProps) {
  const t = useTranslations("billing");
  const queries = useQueryClient();
  const [seats, setSeats] = useState(before);
  const wish = { plan: plan.plan, interval, seats };
  const preview = useQuery({
    queryKey: [BILLING, "preview", wish],
    queryFn: async () => (await body(api.POST("/api/v1/billing/change", { body: { ...wish, preview: true } }))) as Preview,
    staleTime: 0,
    retry: false,
  });
  const change = useMutation({
    mutationFn: (proration_date: number) => body(api.POST("/api/v1/billing/change", { body: { ...wish, preview: false, proration_date } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [BILLING] });
      toast.success(t("onPlan", { plan: plan.name }));
      onClose();
    },
  });
  const moment = preview.data?.proration_date;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("changeTitle", { plan: plan.name })}
      description={t("changeHint")}
      footer={
        <>
          <Button onClick={onClose}>{t("back")}</Button>
          <Button look="primary" busy={change.isPending} disabled={moment === undefined} onClick={() => moment !== undefined && change.mutate(moment)}>
            {t("confirmChange")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={t("numberOfSeats")}>
          <Input type="number" min={1} max={10000} value={seats} onChange={(event) => setSeats(Math.max(1, Number(event.target.value) || 1))} />
        </Field>
        {preview.isPending ? <ListSkeleton rows={2} /> : null}
        {preview.error ? <ErrorNotice error={preview.error} /> : null}
        {preview.data ? <PreviewLines preview={preview.data} /> : null}
        {change.error ? <ErrorNotice error={change.error} /> : null}
      </div>
    </Dialog>
  );
}

export function PreviewLines({ preview }: { preview: Preview }) {
  const t = useTranslations("billing");
  const locale = useLocale();
  const { currency, total, amount_due, lines } = preview;
  return (
    <div className="text-sm">
      <ul className="flex flex-col gap-1.5 border-b pb-3">
        {lines.map((line, index) => (
          <li key={index} className="flex justify-between gap-4">
            <span className="text-ink-soft">{line.description}</span>
            <span className="tabular-nums">{money(line.amount, currency, locale)}</span>
          </li>
        ))}
        {lines.length === 0 ? <li className="text-ink-soft">{t("nothingNow")}</li> : null}
      </ul>
      <p className="flex justify-between gap-4 pt-3 font-semibold">
        <span>{total < 0 ? t("credited") : t("dueNow")}</span>
        <span className="tabular-nums">{money(total < 0 ? -total : amount_due, currency, locale)}</span>
      </p>
    </div>
  );
}
