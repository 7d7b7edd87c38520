import { describe, expect, it } from "vitest";
import { NOT_RUN, withStep } from "./live";

const step = (run_index: number, status: string) => ({
  node_id: "a",
  run_index,
  status,
  attempt: 1,
  started_at: "2026-01-01T00:00:00Z",
  finished_at: null,
  error: null,
  output_counts: { main: run_index + 1 },
});

describe("what is known of an execution", () => {
  it("is what the last run of a node did", () => {
    const live = withStep(withStep(withStep(NOT_RUN, step(0, "succeeded")), step(1, "running")), step(0, "succeeded"));
    expect(live.steps.get("a")).toMatchObject({ status: "running", runs: 2, outputCounts: { main: 2 } });
  });
});
