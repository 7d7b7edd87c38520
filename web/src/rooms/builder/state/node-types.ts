import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { NodeType } from "./document";

// Types come and go with what is installed.
const FRESH_MS = 60_000;
const NONE: ReadonlyMap<string, NodeType> = new Map();

const nodeTypesQuery = queryOptions({
  queryKey: ["node-types"],
  queryFn: () => body(api.GET("/api/v1/node-types")),
  staleTime: FRESH_MS,
  select: (listing): ReadonlyMap<string, NodeType> => new Map(listing.items.map((one) => [one.type, one])),
});

/** Every node type and trigger type by its name. */
export function useNodeTypes(): ReadonlyMap<string, NodeType> {
  return useSuspenseQuery(nodeTypesQuery).data;
}

/** The same for pages that show something without them: none until they are loaded. */
export function useNodeTypesLater(): ReadonlyMap<string, NodeType> {
  return useQuery(nodeTypesQuery).data ?? NONE;
}
