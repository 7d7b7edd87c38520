import { useQuery } from "@tanstack/react-query";
import { plansQuery } from "../billing-queries";

/** What the plans are called, by the name that the server has for each. */
export function usePlanNames(): ReadonlyMap<string, string> {
  const plans = useQuery({ ...plansQuery, staleTime: 60_000 });
  return new Map(plans.data?.items.map((one) => [one.plan, one.name]));
}
