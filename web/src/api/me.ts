import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

export type Me = components["schemas"]["MeOut"];
export type Permission = components["schemas"]["Permission"];

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => body(api.GET("/api/v1/me")),
  staleTime: 60_000,
});

export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether the caller's role includes a permission; the server checks it again. */
export function useMay(permission: Permission): boolean {
  return useMe().permissions.includes(permission);
}
