import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button } from "@/ui";
import { toast } from "@/ui/toast";
import { leaveFor, type Subscription } from "../billing-queries";
import { useCancel } from "./use-cancel";

const RUNS = new Set(["active", "trialing", "past_due"]);

/** What an owner does with the subscription as a whole. */
export function PlanActions({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const { cancel, dialog } = useCancel(subscription);
  const portal = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/portal")),
    onSuccess: leaveFor,
    onError: toast.failed,
  });
  const runs = subscription.status !== null && RUNS.has(subscription.status);
  return (
    <div className="flex flex-wrap gap-2">
      <Button asChild look={runs ? "secondary" : "primary"}>
        <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "plans" }}>
          {runs ? t("changePlan") : t("choosePlan")}
        </Link>
      </Button>
      {subscription.status ? (
        <Button busy={portal.isPending} onClick={() => portal.mutate()}>
          <ExternalLink aria-hidden />
          {t("portal")}
        </Button>
      ) : null}
      {runs && !subscription.cancel_at_period_end ? (
        <Button look="danger" onClick={cancel}>
          {t("cancelPlan")}
        </Button>
      ) : null}
      {dialog}
    </div>
  );
}
