import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button } from "@/ui";
import { toast } from "@/ui/toast";
import { leaveFor, type Subscription } from "../billing-queries";
import { useCancel } from "./use-cancel";

/** What an owner does with the subscription as a whole. */
export function PlanActions({ subscription }: { subscription: Subscription }) {
  const t = useTranslations("billing");
  const { cancel, dialog } = useCancel(subscription);
  const portal = useMutation({
    mutationFn: () => body(api.POST("/api/v1/billing/portal")),
    onSuccess: leaveFor,
    onError: toast.failed,
  });
  const may = new Set(subscription.actions);
  const runs = may.has("change");
  return (
    <div className="flex flex-wrap gap-2">
      {runs || may.has("checkout") ? (
        <Button asChild look={runs ? "secondary" : "primary"}>
          <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "plans" }}>
            {runs ? t("changePlan") : t("choosePlan")}
          </Link>
        </Button>
      ) : null}
      {subscription.status ? (
        <Button busy={portal.isPending} onClick={() => portal.mutate()}>
          <ExternalLink aria-hidden />
          {t("portal")}
        </Button>
      ) : null}
      {may.has("cancel") ? (
        <Button look="danger" onClick={cancel}>
          {t("cancelPlan")}
        </Button>
      ) : null}
      {dialog}
    </div>
  );
}
