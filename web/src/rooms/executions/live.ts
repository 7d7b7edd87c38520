import { useEffect, useState } from "react";

export interface StepState {
  status: string;
  attempt: number;
  runs: number;
  error: { message: string; kind: string } | null;
  outputCounts: Record<string, number>;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface LogPiece {
  nodeId: string;
  stream: string;
  text: string;
}

export interface LiveExecution {
  status: string | null;
  error: { message: string; node_id?: string | null } | null;
  steps: ReadonlyMap<string, StepState>;
  logs: readonly LogPiece[];
  ended: boolean;
}

export const NOT_RUN: LiveExecution = { status: null, error: null, steps: new Map(), logs: [], ended: false };

interface StepEvent {
  node_id: string;
  run_index: number;
  status: string;
  attempt: number;
  started_at: string;
  finished_at: string | null;
  error: { message: string; kind: string } | null;
  output_counts?: Record<string, number>;
}

/** What is known of an execution after one more step event; the last run of a node counts. */
export function withStep(live: LiveExecution, event: StepEvent): LiveExecution {
  const before = live.steps.get(event.node_id);
  const runs = Math.max(before?.runs ?? 0, event.run_index + 1);
  if (before && event.run_index + 1 < before.runs) return live;
  const steps = new Map(live.steps);
  steps.set(event.node_id, {
    status: event.status,
    attempt: event.attempt,
    runs,
    error: event.error,
    outputCounts: event.output_counts ?? {},
    startedAt: event.started_at,
    finishedAt: event.finished_at,
  });
  return { ...live, steps };
}

/** Follows an execution through its event stream until it has ended. */
export function useLiveExecution(executionId: string | null): LiveExecution {
  const [shown, setShown] = useState<{ id: string | null; live: LiveExecution }>({ id: executionId, live: NOT_RUN });
  useEffect(() => {
    if (executionId === null) return;
    let live = NOT_RUN;
    let frame = 0;
    const show = (next: LiveExecution) => {
      live = next;
      // Many events in one frame are one drawing.
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setShown({ id: executionId, live });
      });
    };
    const source = new EventSource(`/api/v1/executions/${executionId}/events`);
    const on = (name: string, take: (data: never) => void) =>
      source.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data) as never));
    // A stream that was cut goes on after the last event that arrived.
    on("step", (event: StepEvent) => show(withStep(live, event)));
    on("status", (event: { status: string; error: LiveExecution["error"] }) => show({ ...live, status: event.status, error: event.error }));
    on("log", (event: { node_id: string; stream: string; text: string }) =>
      show({ ...live, logs: [...live.logs, { nodeId: event.node_id, stream: event.stream, text: event.text }] }),
    );
    on("end", () => {
      source.close();
      show({ ...live, ended: true });
    });
    return () => {
      source.close();
      cancelAnimationFrame(frame);
    };
  }, [executionId]);
  return shown.id === executionId ? shown.live : NOT_RUN;
}
