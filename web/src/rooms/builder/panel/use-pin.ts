import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { toast } from "@/ui/toast";
import type { Commands } from "../edit/commands";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilderStore } from "../state/store";

/** Pins what a node gave last, or lets go of what is pinned. */
export function usePin(commands: Commands): (nodeId: string) => void {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const types = useNodeTypes();
  const { mutate } = useMutation({
    mutationFn: async (nodeId: string) => {
      const state = store.getState();
      const node = documentOf(state).nodes.find((one) => one.id === nodeId);
      if (!node || types.get(node.type)?.is_loop || !state.editable) return;
      if (node.pinned) return commands.togglePin(nodeId, null);
      const path = { workflow_id: state.workflowId, node_id: nodeId };
      const data = await body(api.GET("/api/v1/workflows/{workflow_id}/node-data/{node_id}", { params: { path } }));
      const [given] = Object.values(data.output);
      if (!given) throw new Error(t("nothingToPin"));
      commands.togglePin(nodeId, given.items);
    },
    onError: toast.failed,
  });
  return mutate;
}
