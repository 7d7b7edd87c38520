import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";

export type TooMuch = components["schemas"]["TooMuchOut"];

/** What is to stop when a smaller plan holds, by the ids of workflows and of members. */
export interface Stopping {
  workflows: ReadonlySet<string>;
  members: ReadonlySet<string>;
}
export const NOTHING_STOPS: Stopping = { workflows: new Set(), members: new Set() };

/** Of which limits single things can be chosen, and under what name they are sent. */
export const CHOSEN_AS = { active_workflows: "workflows", members: "members" } as const;

/** What the workspace has beyond a plan; beyond its own where none is named. */
export const tooMuchQuery = (plan?: string) =>
  queryOptions({
    queryKey: ["billing", "too-much", plan ?? ""],
    queryFn: () => body(api.GET("/api/v1/billing/too-much", { params: { query: plan === undefined ? {} : { plan } } })),
  });

/** How the server takes a choice. */
export function asSent({ workflows, members }: Stopping) {
  return { deactivate_workflow_ids: [...workflows], remove_member_ids: [...members] };
}

export function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}
