/** The filters of the list of executions, which live in the address. */
export interface ExecutionSearch {
  workflow?: string;
  status?: string[];
  from?: string;
  to?: string;
  q?: string;
  manual?: boolean;
}

export function readExecutionSearch(search: Record<string, unknown>): ExecutionSearch {
  const text = (name: string) => (typeof search[name] === "string" && search[name] ? { [name]: search[name] } : {});
  const status = Array.isArray(search.status) ? search.status.filter((one) => typeof one === "string") : [];
  return {
    ...text("workflow"),
    ...text("from"),
    ...text("to"),
    ...text("q"),
    ...(status.length > 0 ? { status } : {}),
    ...(typeof search.manual === "boolean" ? { manual: search.manual } : {}),
  };
}
