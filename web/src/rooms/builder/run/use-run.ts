import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import type { DraftSaver } from "../draft/autosave";
import { useBuilderStore } from "../state/store";

export interface RunWish {
  nodeId?: string;
  scope?: "to_node" | "node";
  items?: { [key: string]: unknown }[];
}

/** Saves the draft and runs it, whole or in part; the canvas then shows that execution. */
export function useRun(saver: DraftSaver) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const queries = useQueryClient();
  const { workflowId } = store.getState();
  const start = useMutation({
    mutationFn: async (wish: RunWish) => {
      if (!(await saver.now())) throw new Error(t("notSaved"));
      const answer = await body(
        api.POST("/api/v1/workflows/{workflow_id}/run", {
          params: { path: { workflow_id: workflowId } },
          body: {
            source: "draft",
            scope: wish.scope ?? "to_node",
            ...(wish.nodeId ? { node_id: wish.nodeId } : {}),
            ...(wish.items ? { items: wish.items } : {}),
          },
        }),
      );
      return (answer as unknown as { execution_id: string }).execution_id;
    },
    onSuccess: (executionId) => {
      store.getState().set({ executionId });
      void queries.invalidateQueries({ queryKey: ["executions", "list"] });
    },
    onError: (error) => {
      const first = error instanceof Problem ? error.errors[0]?.message : undefined;
      if (first) toast.error(`${error.message} ${first}`);
      else toast.failed(error);
    },
  });
  const cancel = useMutation({
    mutationFn: (executionId: string) => body(api.POST("/api/v1/executions/{execution_id}/cancel", { params: { path: { execution_id: executionId } } })),
    onError: toast.failed,
  });
  return { start, cancel };
}
