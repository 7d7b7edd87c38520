import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { toast } from "@/ui/toast";
import { alertsQuery } from "../billing-queries";

/** Takes an alert out of sight. */
export function useDismiss() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.POST("/api/v1/billing/alerts/{alert_id}/dismiss", { params: { path: { alert_id: id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: alertsQuery.queryKey }),
    onError: toast.failed,
  });
}
