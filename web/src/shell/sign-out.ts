import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { api } from "@/api/client";

/** Signs out, and goes to where one signs in unless the page wants to stay. */
export function useSignOut({ stay = false } = {}): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async () => {
    await api.POST("/api/v1/auth/logout");
    queries.clear();
    if (!stay) await navigate({ to: "/login" });
  }, [queries, navigate, stay]);
}
