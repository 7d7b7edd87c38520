import { useEffect, useRef, useState } from "react";
import type { components } from "@/api/schema";
import { tryCode, type CodeLog, type CodeResult } from "./try-code";

export interface Attempt {
  isRunning: boolean;
  /** What it has printed so far, or in all. */
  logs: readonly CodeLog[];
  result: CodeResult | null;
  error: unknown;
  start: (request: Partial<components["schemas"]["CodeIn"]>) => void;
  stop: () => void;
}

type State = Pick<Attempt, "isRunning" | "logs" | "result" | "error">;
const REST: State = { isRunning: false, logs: [], result: null, error: null };

/** One run of code at a time; leaving the page ends it. */
export function useAttempt(): Attempt {
  const [state, setState] = useState<State>(REST);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start: Attempt["start"] = (request) => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    const change = (patch: Partial<State>) => running.current === own && setState((before) => ({ ...before, ...patch }));
    setState({ ...REST, isRunning: true });
    tryCode(request, (piece) => running.current === own && setState((before) => ({ ...before, logs: [...before.logs, piece] })), own.signal)
      .then((result) => change({ isRunning: false, result, logs: result.logs }))
      .catch((error: unknown) => change({ isRunning: false, error: own.signal.aborted ? null : error }));
  };
  return { ...state, start, stop: () => running.current?.abort() };
}
