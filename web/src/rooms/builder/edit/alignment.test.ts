import { expect, it } from "vitest";
import type { WorkflowDocument } from "../state/document";
import { aligned, type Alignment } from "./alignment";

const flow: WorkflowDocument = {
  name: "f",
  settings: {},
  nodes: [
    { id: "a", type: "set", params: {}, position: { x: 0, y: 10 } },
    { id: "b", type: "set", params: {}, position: { x: 50, y: 400 } },
    { id: "c", type: "set", params: {}, position: { x: 900, y: 20 } },
    { id: "other", type: "set", params: {}, position: { x: 7, y: 7 } },
  ],
  connections: [],
  sticky_notes: [],
};
const places = (document: WorkflowDocument) => Object.fromEntries(document.nodes.map((node) => [node.id, [node.position?.x, node.position?.y]]));

it.each<[Alignment, object]>([
  ["left", { a: [0, 10], b: [0, 400], c: [0, 20] }],
  ["top", { a: [0, 10], b: [50, 10], c: [900, 10] }],
  ["distributeAcross", { a: [0, 10], b: [450, 400], c: [900, 20] }],
  ["distributeDown", { a: [0, 10], c: [900, 205], b: [50, 400] }],
])("%s", (alignment, expected) => {
  expect(places(aligned(flow, new Set(["a", "b", "c"]), alignment))).toEqual({ ...expected, other: [7, 7] });
});

it("leaves one alone as it is", () => {
  expect(aligned(flow, new Set(["a"]), "left")).toBe(flow);
});

it("does not spread nodes over one another", () => {
  const spread = places(aligned(flow, new Set(["a", "b"]), "distributeAcross"));
  expect((spread.b?.[0] ?? 0) - (spread.a?.[0] ?? 0)).toBeGreaterThanOrEqual(200);
});
