import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { toast } from "@/ui/toast";
import { leaveFor, type Plan, type Subscription } from "../billing-queries";
import { useCancel } from "../overview/use-cancel";
import { ChangeDialog } from "./change-dialog";
import { isSmaller, type Choice, type Terms } from "./plan-choice";

interface PlanSteps {
  choose: (plan: Plan, choice: Choice) => void;
  busy: string | null;
  /** What is wrong with the promotion code. */
  codeError: string | undefined;
  dialog: ReactNode;
}

/** What follows the click on a plan: Stripe's page, a preview to agree to, or a question. */
export function usePlanSteps(subscription: Subscription, terms: Terms, currency: string, code: string): PlanSteps {
  const [changing, setChanging] = useState<{ plan: Plan; isSmaller: boolean } | null>(null);
  const { cancel, dialog: cancelling } = useCancel(subscription);
  const checkout = useMutation({
    mutationFn: (plan: Plan) => body(api.POST("/api/v1/billing/checkout", { body: { plan: plan.plan, ...terms, currency, promotion_code: code.trim() } })),
    onSuccess: leaveFor,
    onError: (error) => {
      // What is wrong with the code is said beside its field.
      if (!(error instanceof Problem && error.at("/promotion_code"))) toast.failed(error);
    },
  });
  const choose = (plan: Plan, choice: Choice) => {
    if (choice === "trial" || choice === "subscribe") checkout.mutate(plan);
    else if (choice === "cancel") cancel();
    else setChanging({ plan, isSmaller: isSmaller(choice, subscription, terms) });
  };
  return {
    choose,
    // Until the browser has left for Stripe's page.
    busy: checkout.isPending || checkout.isSuccess ? checkout.variables.plan : null,
    codeError: checkout.error instanceof Problem ? checkout.error.at("/promotion_code") : undefined,
    dialog: changing ? <ChangeDialog plan={changing.plan} terms={terms} subscription={subscription} isSmaller={changing.isSmaller} onClose={() => setChanging(null)} /> : cancelling,
  };
}
