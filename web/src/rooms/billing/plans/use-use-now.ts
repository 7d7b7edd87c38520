import { useQuery } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import type { Subscription } from "../billing-queries";

/** What the workspace uses of the limits of a plan, beside which plans are compared. */
export function useUseNow(subscription: Subscription): ReadonlyMap<string, number> {
  const seesMembers = useMay("member:read");
  const members = useQuery({
    queryKey: ["members"],
    enabled: seesMembers,
    queryFn: () => body(api.GET("/api/v1/members")),
  });
  const workflows = useQuery({
    queryKey: ["workflows", "names"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/workflows", { params: { query: { limit: 200, ...cursor } } }))),
  });
  const found = new Map(subscription.limits.map((one) => [one.name, one.used]));
  if (members.data) found.set("members", members.data.items.length);
  if (workflows.data) found.set("active_workflows", workflows.data.items.filter((one) => one.active).length);
  return found;
}
