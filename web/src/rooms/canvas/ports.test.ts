import { describe, expect, it } from "vitest";
import type { NodeType, WorkflowNode } from "@/rooms/builder/state/document";
import { portsOf } from "./ports";

const port = (name: string, when: Record<string, unknown[]> = {}) => ({ name, when, parameter: null, field: null });
const TYPE = {
  type: "any",
  inputs: ["main"],
  outputs: ["main"],
  dynamic_ports: false,
  input_ports: [port("main")],
  output_ports: [port("main")],
  joins: false,
  params_schema: {},
} as unknown as NodeType;
const node = (params: WorkflowNode["params"] = {}, more: Partial<WorkflowNode> = {}): WorkflowNode => ({ id: "n", type: "any", params, ...more });

describe("a type that is here", () => {
  it("has the ports of its spec, and one for errors where the node says so", () => {
    expect(portsOf(node(), TYPE)).toEqual({ inputs: ["main"], outputs: ["main"] });
    expect(portsOf(node({}, { on_error: "error_port" }), TYPE).outputs).toEqual(["main", "error"]);
  });

  it("has a port for each element of a list", () => {
    const type = { ...TYPE, dynamic_ports: true, output_ports: [{ name: null, when: {}, parameter: "ways", field: "port" }, port("other")] };
    expect(portsOf(node({ ways: [{ port: "a" }, { port: "" }, 7, { port: "b" }, { port: "a" }] }), type).outputs).toEqual(["a", "b", "other"]);
    expect(portsOf(node(), type).outputs).toEqual(["other"]);
  });

  it("has a port while parameters, or their defaults, are so", () => {
    const late = port("late", { waits: [true], on_timeout: ["port"] });
    const type = { ...TYPE, dynamic_ports: true, output_ports: [port("main"), late], params_schema: { properties: { on_timeout: { default: "port" } } } };
    expect(portsOf(node({ waits: true }), type).outputs).toEqual(["main", "late"]);
    expect(portsOf(node({ waits: true, on_timeout: "fail" }), type).outputs).toEqual(["main"]);
    expect(portsOf(node(), type).outputs).toEqual(["main"]);
  });

  it.each([
    [[], ["a", "b"]],
    [["a"], ["a", "b"]],
    [["a", "b"], ["a", "b", "c"]],
    [["", ""], ["a", "b", "c"]],
    [["d"], ["a", "b", "c", "d", "e"]],
    [["a", "b", "c", "d", "e"], ["a", "b", "c", "d", "e"]],
  ])("shows one more input than are connected where it joins them: %j", (connected, shown) => {
    const type = { ...TYPE, joins: true, inputs: ["a", "b", "c", "d", "e"] };
    expect(portsOf(node(), type, { inputs: connected, outputs: [] }).inputs).toEqual(shown);
  });
});

it("a type that is not here has the ports that are connected", () => {
  expect(portsOf(node(), undefined, { inputs: ["", "left"], outputs: ["true", "true"] })).toEqual({ inputs: ["main", "left"], outputs: ["main", "true"] });
});
