import type { Budget } from "../billing-queries";

export const BUDGET_METERS = ["ai_tokens", "ai_cost", "sandbox_cpu_ms"] as const satisfies readonly Budget["meter"][];
export const SCOPES = ["month", "execution"] as const satisfies readonly Budget["scope"][];

/** How many of the server's unit one of the form's unit is: dollars and seconds are easier to write. */
export const SCALE: Record<Budget["meter"], number> = { ai_tokens: 1, ai_cost: 1_000_000, sandbox_cpu_ms: 1000 };
