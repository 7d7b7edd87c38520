import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { NodeType } from "./document";

const nodeTypesQuery = queryOptions({
  queryKey: ["node-types"],
  queryFn: () => body(api.GET("/api/v1/node-types")),
  staleTime: Infinity,
  select: (listing): ReadonlyMap<string, NodeType> => new Map(listing.items.map((one) => [one.type, one])),
});

/** Every node type and trigger type by its name. */
export function useNodeTypes(): ReadonlyMap<string, NodeType> {
  return useSuspenseQuery(nodeTypesQuery).data;
}
