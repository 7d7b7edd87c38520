import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import type { ItemsPage } from "@/rooms/data/data-view";
import type { ItemFile } from "@/rooms/data/item-files";

export type ExecutionSummary = components["schemas"]["ExecutionSummary"];
export type ExecutionPreview = components["schemas"]["ExecutionPreview"];
export type StepPreview = components["schemas"]["StepPreview"];

export const previewQuery = (executionId: string) =>
  queryOptions({
    queryKey: ["executions", executionId, "preview"],
    queryFn: () =>
      body(api.GET("/api/v1/executions/{execution_id}/preview", { params: { path: { execution_id: executionId } } })),
  });

/** Some of the items of one side of a step. */
export async function stepItems(executionId: string, nodeId: string, runIndex: number, side: "input" | "output", port: string, offset: number, limit: number): Promise<ItemsPage> {
  return body(
    api.GET("/api/v1/executions/{execution_id}/steps/{node_id}/items", {
      params: { path: { execution_id: executionId, node_id: nodeId }, query: { side, port, run_index: runIndex, offset, limit } },
    }),
  );
}

/** Where a file beside an item of an execution is given out. */
export const fileAddress = (executionId: string) => (file: ItemFile) =>
  `/api/v1/executions/${executionId}/files/${encodeURIComponent(file.key)}?${new URLSearchParams({ name: file.name }).toString()}`;

export type ItemPlace = components["schemas"]["AncestorOut"];
export type Side = "input" | "output";

/** The items of earlier steps that an item came from, the nearest first. */
export const ancestorsQuery = (executionId: string, side: Side, place: ItemPlace) =>
  queryOptions({
    queryKey: ["executions", executionId, "ancestors", side, place],
    queryFn: () =>
      body(
        api.GET("/api/v1/executions/{execution_id}/steps/{node_id}/ancestors", {
          params: { path: { execution_id: executionId, node_id: place.node_id }, query: { side, port: place.port, run_index: place.run_index, index: place.index } },
        }),
      ),
  });

export function downloadAddress(executionId: string, nodeId: string, runIndex: number, side: "input" | "output", port: string): string {
  const query = new URLSearchParams({ side, port, run_index: String(runIndex) });
  return `/api/v1/executions/${executionId}/steps/${encodeURIComponent(nodeId)}/download?${query.toString()}`;
}
