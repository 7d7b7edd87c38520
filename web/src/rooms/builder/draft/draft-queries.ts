import { queryOptions } from "@tanstack/react-query";
import { api, csrfToken, problemOf } from "@/api/client";
import type { components } from "@/api/schema";
import { whole, type WorkflowDocument } from "../state/document";

export type Draft = Omit<components["schemas"]["DraftOut"], "document"> & { document: WorkflowDocument; etag: string };

/** One call about a draft: the ETag of its answer is what the next save is based on. */
async function call(method: string, address: string, etag: string | null, given?: unknown): Promise<Draft> {
  const response = await fetch(address, {
    method,
    headers: {
      "X-CSRF-Token": csrfToken(),
      ...(given === undefined ? {} : { "Content-Type": "application/json" }),
      ...(etag === null ? {} : { "If-Match": etag }),
    },
    ...(given === undefined ? {} : { body: JSON.stringify(given) }),
  });
  if (!response.ok) throw await problemOf(response);
  const draft = (await response.json()) as Omit<Draft, "etag">;
  return { ...draft, document: whole(draft.document), etag: response.headers.get("etag") ?? "" };
}

const address = (workflowId: string) => `/api/v1/workflows/${workflowId}`;

export const draftQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["workflows", workflowId, "draft"],
    queryFn: () => call("GET", `${address(workflowId)}/draft`, null),
    staleTime: 0,
    gcTime: 0,
  });

export const saveDraft = (workflowId: string, etag: string, document: WorkflowDocument) =>
  call("PUT", `${address(workflowId)}/draft`, etag, { document });

export const discardDraft = (workflowId: string, etag: string) => call("DELETE", `${address(workflowId)}/draft`, etag);

export const restoreVersion = (workflowId: string, number: number, etag: string) =>
  call("POST", `${address(workflowId)}/versions/${number}/restore`, etag);

export const workflowQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["workflows", workflowId],
    queryFn: async () => (await api.GET("/api/v1/workflows/{workflow_id}", { params: { path: { workflow_id: workflowId } } })).data,
  });
