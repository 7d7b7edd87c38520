import { describe, expect, it } from "vitest";
import type { NodeType, WorkflowDocument } from "../state/document";
import { addNode, clip, connect, duplicate, freshId, insertInto, newNode, paste, readClipping, removeChosen, whyNot } from "./operations";

const type = (name: string, more: Partial<NodeType> = {}): NodeType =>
  ({ type: name, title: name, kind: "node", inputs: ["main"], outputs: ["main"], sample: { params: { a: 1 }, items: [], outputs: null }, ...more }) as NodeType;
const TYPES = new Map([
  ["set", type("set")],
  ["manual", type("manual", { kind: "trigger", inputs: [] })],
  ["loop", type("loop", { outputs: ["batch", "done"], is_loop: true })],
]);
const node = (id: string, kind = "set", params = {}) => ({ id, type: kind, params, position: { x: 0, y: 0 } });
const flow: WorkflowDocument = {
  name: "f",
  settings: {},
  nodes: [node("start", "manual"), node("a"), node("b", "set", { x: "{{ nodes.a.item.x }} {{ nodes.ab.item }}" })],
  connections: [{ from: "start", to: "a" }, { from: "a", to: "b" }],
  sticky_notes: [],
};
const chosen = (...nodes: string[]) => ({ nodes: new Set(nodes), connections: new Set<string>(), notes: new Set<string>() });

describe("ids", () => {
  it("are free and can be written in expressions", () => {
    expect(freshId(flow, "a")).toBe("a_2");
    expect(freshId(flow, "3 d")).toBe("_3_d");
  });
});

describe("connecting", () => {
  it.each([
    [{ from: "a", to: "a" }, "self"],
    [{ from: "a", to: "start" }, "trigger"],
    [{ from: "a", to: "b" }, "twice"],
    [{ from: "b", to: "a" }, "cycle"],
    [{ from: "start", to: "b" }, null],
  ])("%j is told: %s", (connection, reason) => {
    expect(whyNot(flow, connection, TYPES)).toBe(reason);
  });

  it("may lead back into a loop from its batch, and only from there", () => {
    const looped: WorkflowDocument = {
      ...flow,
      nodes: [node("l", "loop"), node("in"), node("out")],
      connections: [
        { from: "l", from_port: "batch", to: "in" },
        { from: "l", from_port: "done", to: "out" },
      ],
    };
    expect(whyNot(looped, { from: "in", to: "l" }, TYPES)).toBeNull();
    expect(whyNot(looped, { from: "out", to: "l" }, TYPES)).toBe("cycle");
    expect(connect(looped, { from: "out", to: "l" }, TYPES)).toBe(looped);
  });
});

describe("inserting", () => {
  it("leads what came from before through the new node", () => {
    const { document, id } = insertInto(flow, { from: "a", to: "b" }, type("set"));
    expect(document.connections.map((one) => `${one.from}>${one.to}`)).toEqual(["start>a", `a>${id}`, `${id}>b`]);
  });

  it("gives a node its sample to begin with", () => {
    expect(newNode(flow, type("set"), { x: 1.4, y: 2.6 })).toMatchObject({ id: "set", params: { a: 1 }, position: { x: 1, y: 3 } });
  });
});

describe("copying", () => {
  it("renames what is copied, and what refers to it", () => {
    const copy = duplicate(flow, chosen("a", "b"));
    expect(copy.ids).toEqual(["a_2", "b_2"]);
    expect(copy.document.nodes.at(-1)?.params).toEqual({ x: "{{ nodes.a_2.item.x }} {{ nodes.ab.item }}" });
    expect(copy.document.connections.at(-1)).toEqual({ from: "a_2", to: "b_2" });
    expect(copy.document.nodes.at(-1)?.position).toEqual({ x: 40, y: 40 });
  });

  it("goes through a text, and takes a whole workflow's JSON, too", () => {
    const clipping = readClipping(clip(flow, chosen("a")));
    expect(clipping?.nodes.map((one) => one.id)).toEqual(["a"]);
    expect(readClipping(JSON.stringify(flow))?.connections).toHaveLength(2);
    expect(readClipping("hello")).toBeNull();
    expect(readClipping("[1]")).toBeNull();
    expect(clipping && paste(flow, clipping).ids).toEqual(["a_2"]);
  });
});

it("removes nodes with their connections", () => {
  expect(removeChosen(flow, chosen("a"), TYPES).nodes.map((one) => one.id)).toEqual(["start", "b"]);
  expect(addNode(flow, node("c")).nodes).toHaveLength(4);
});
