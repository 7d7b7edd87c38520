import { useQuery } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import { Refusals } from "@/rooms/triggers/refusals";
import { useBuilder } from "../state/store";

/** What the published webhook of this node refused, beside the parameters that it refused it by. */
export function WebhookRefusals({ nodeId }: { nodeId: string }) {
  const workflowId = useBuilder((builder) => builder.workflowId);
  const triggers = useQuery({
    queryKey: ["triggers", workflowId],
    queryFn: () => body(api.GET("/api/v1/triggers", { params: { query: { workflow_id: workflowId, limit: 200 } } })),
    retry: false,
  });
  const trigger = triggers.data?.items.find((one) => one.node_id === nodeId);
  return trigger ? <Refusals trigger={trigger} /> : null;
}
