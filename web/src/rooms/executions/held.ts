/** What tells whether an execution waits for the plan rather than for its turn. */
export interface MaybeHeld {
  status: string;
  held_for?: string | null | undefined;
}

export function isHeld<T extends MaybeHeld>(execution: T): execution is T & { held_for: string } {
  return execution.status === "queued" && Boolean(execution.held_for);
}
