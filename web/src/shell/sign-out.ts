import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { api } from "@/api/client";

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async () => {
    await api.POST("/api/v1/auth/logout");
    queries.clear();
    await navigate({ to: "/login" });
  }, [queries, navigate]);
}
