import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/api/client";
import { toast } from "@/ui/toast";
import { subscriptionQuery } from "./billing-queries";

const ROUTE = "/app/settings/$section";

/** On the way back from Stripe's page: has the server look there, and says what holds now. */
export function useArrival(): void {
  const t = useTranslations("billing");
  const search = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: "/settings/$section" });
  const queries = useQueryClient();
  const handled = useRef(false);
  const { checkout, setup, tab } = search;
  useEffect(() => {
    if ((!checkout && !setup) || handled.current) return;
    handled.current = true;
    const arrive = async () => {
      // Out of the address first: a reload is no second arrival.
      await navigate({ search: setup ? { tab: "payment" } : tab ? { tab } : {}, replace: true });
      if (checkout === "cancelled") {
        toast.info(t("checkoutCancelled"));
        return;
      }
      await api.POST("/api/v1/billing/refresh");
      await queries.invalidateQueries({ queryKey: ["billing"] });
      const { plan_name: plan } = await queries.fetchQuery({ ...subscriptionQuery, staleTime: 0 });
      toast.success(setup ? t("setupDone") : t("checkoutDone", { plan }));
    };
    void arrive().catch(toast.failed);
  }, [checkout, setup, tab, navigate, queries, t]);
}
