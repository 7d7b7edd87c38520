import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import { useNodeForm } from "./node-form";

/** What can be chosen for a parameter, page by page; asked anew when what it depends on changes. */
export function useOptions(name: string, dependsOn: readonly string[], query: string, isAsked: boolean) {
  const form = useNodeForm();
  const params = Object.fromEntries(Object.entries(form?.params ?? {}).filter(([param]) => dependsOn.includes(param)));
  const type = form?.type ?? "";
  const credentials = form?.credentials ?? {};
  return useInfiniteQuery({
    queryKey: ["options", type, name, params, credentials, query],
    queryFn: ({ pageParam }) =>
      body(
        api.POST("/api/v1/node-types/{type}/options/{name}", {
          params: { path: { type, name } },
          body: { params, credentials, query, cursor: pageParam },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: isAsked && form !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
  });
}
