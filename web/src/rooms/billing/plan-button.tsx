import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import { Button } from "@/ui";
import { toast } from "@/ui/toast";
import { ChangeDialog } from "./change-dialog";
import type { PlanAction } from "./plan-action";
import type { Interval, Plan, Subscription } from "./queries";

interface PlanButtonProps {
  plan: Plan;
  action: PlanAction;
  interval: Interval;
  subscription: Subscription;
}

/** Begins a subscription on Stripe's page, or changes it after showing what that costs. */
export function PlanButton({ plan, action, interval, subscription }: PlanButtonProps) {
  const t = useTranslations("billing");
  const may = useMay("billing:write");
  const [open, setOpen] = useState(false);
  const checkout = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/checkout", { body: { plan: plan.plan, interval, seats: 1 } })),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => toast.error(error.message),
  });
  if (action === "none" || action === "current") return <div className="h-9" />;
  if (action === "contact") {
    return (
      <Button asChild>
        <a href="mailto:?subject=Treadle%20Enterprise">{t("contact")}</a>
      </Button>
    );
  }
  if (action === "checkout" || action === "trial") {
    const begins = action === "trial" ? t("tryFor", { count: plan.trial_days }) : t("subscribe");
    return (
      <Button look="primary" busy={checkout.isPending} disabled={!may} onClick={() => checkout.mutate()} aria-label={`${begins}: ${plan.name}`}>
        {begins}
      </Button>
    );
  }
  const text = action === "interval" ? (interval === "year" ? t("payYearly") : t("payMonthly")) : t(action);
  return (
    <>
      <Button look={action === "downgrade" ? "secondary" : "primary"} disabled={!may} onClick={() => setOpen(true)} aria-label={`${text}: ${plan.name}`}>
        {text}
      </Button>
      {open ? <ChangeDialog plan={plan} interval={interval} seats={subscription.seats ?? 1} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
