import { expect, it } from "vitest";
import type { NodeType, WorkflowDocument } from "@/rooms/builder/state/document";
import { flowEdges, flowNodes, type Drawn, type FlowOptions, type NodeCardNode } from "./flow";

const OPTIONS: FlowOptions = {
  types: new Map(),
  states: new Map(),
  problems: new Map(),
  selectedNodes: new Set(),
  selectedConnections: new Set(),
  selectedNotes: new Set(),
  editable: true,
};
const node = (id: string, x: number) => ({ id, type: "set", params: { id }, position: { x, y: 0 } });
const document: WorkflowDocument = {
  name: "w",
  settings: {},
  nodes: [node("a", 0), node("b", 300)],
  connections: [{ from: "a", to: "b" }],
  sticky_notes: [{ id: "n", text: "", x: 0, y: 0, width: 100, height: 50, color: "blue" }],
};

it("draws again only what has changed", () => {
  const drawn: Drawn = new Map();
  const before = flowNodes(document, OPTIONS, drawn);
  const moved = { ...document, nodes: document.nodes.map((one) => (one.id === "a" ? { ...one, position: { x: 10, y: 0 } } : one)) };
  const after = flowNodes(moved, OPTIONS, drawn);
  const of = (nodes: typeof before, id: string) => nodes.find((one) => one.id === id);
  expect(of(after, "b")).toBe(of(before, "b"));
  expect(of(after, "note:n")).toBe(of(before, "note:n"));
  expect(of(after, "a")?.position.x).toBe(10);
  // What moves keeps its content, so that its card need not be drawn anew.
  expect((of(after, "a") as NodeCardNode).data.node).toBe((of(before, "a") as NodeCardNode).data.node);
});

it("draws a node again that has another name, parameter or state", () => {
  const drawn: Drawn = new Map();
  const [, before] = flowNodes(document, OPTIONS, drawn);
  const renamed = { ...document, nodes: document.nodes.map((one) => ({ ...one, name: "Other" })) };
  const [, after] = flowNodes(renamed, OPTIONS, drawn);
  expect(after).not.toBe(before);
  expect((after as NodeCardNode).data.title).toBe("Other");
});

it("draws every connection of a node whose type is not here, or in an older version only", () => {
  const types = new Map([["set", { type: "set", version: 1, outputs: ["main"], inputs: ["main"] } as unknown as NodeType]]);
  const newer = { ...document, nodes: [{ ...node("a", 0), version: 2 }, { ...node("b", 300), type: "gone" }], connections: [{ from: "a", from_port: "polite", to: "b", to_port: "left" }] };
  const [, a, b] = flowNodes(newer, { ...OPTIONS, types }) as NodeCardNode[];
  expect(a?.data).toMatchObject({ type: undefined, outputs: ["main", "polite"] });
  expect(b?.data).toMatchObject({ type: undefined, inputs: ["main", "left"] });
  expect(flowEdges(newer, { ...OPTIONS, types })[0]).toMatchObject({ sourceHandle: "polite", targetHandle: "left" });
});

it("connects the first ports where none is named", () => {
  expect(flowEdges(document, OPTIONS)[0]).toMatchObject({ source: "a", target: "b", sourceHandle: "main", targetHandle: "main" });
});
