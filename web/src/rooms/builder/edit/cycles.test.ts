import { expect, it } from "vitest";
import type { NodeType, WorkflowDocument } from "../state/document";
import { hasForbiddenCycle } from "./cycles";

const TYPES = new Map([
  ["plain", { is_loop: false, outputs: ["main"] } as unknown as NodeType],
  ["rounds", { is_loop: true, outputs: ["batch", "done"] } as unknown as NodeType],
]);

/** Nodes by their arrows: `l` and `m` are loops, and `l.done` is the port of an arrow's beginning. */
function flow(...arrows: string[]): WorkflowDocument {
  const ends = arrows.map((arrow) => arrow.split(">") as [string, string]);
  const ids = new Set(ends.flatMap(([from, to]) => [from.split(".")[0] as string, to]));
  return {
    name: "f",
    settings: {},
    nodes: [...ids].map((id) => ({ id, type: id === "l" || id === "m" ? "rounds" : "plain", params: {} })),
    connections: ends.map(([from, to]) => {
      const [id, port] = from.split(".") as [string, string?];
      return { from: id, to, ...(port ? { from_port: port } : {}) };
    }),
    sticky_notes: [],
  };
}

it.each<[string[], boolean]>([
  [["a>b", "b>c"], false],
  [["a>b", "b>a"], true],
  [["l.batch>a", "a>l"], false],
  [["l>a", "a>l"], false],
  [["l.done>a", "a>l"], true],
  [["l.batch>a", "l.done>b", "a>b", "b>l"], false],
  [["l.batch>a", "l.done>b", "b>a", "a>l"], false],
  [["l.batch>m", "m.batch>a", "a>m", "m.done>l"], false],
  [["l.batch>m", "m.batch>a", "a>l"], false],
])("%j: forbidden %s", (arrows, forbidden) => {
  expect(hasForbiddenCycle(flow(...arrows), TYPES)).toBe(forbidden);
});
