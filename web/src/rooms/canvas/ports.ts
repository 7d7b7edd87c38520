import { valueOf, type NodeType, type WorkflowDocument, type WorkflowNode } from "@/rooms/builder/state/document";

const ERROR_PORT = "error";
const FEWEST_SHOWN = 2;

export interface Ports {
  inputs: string[];
  outputs: string[];
}

/** The ports that connections of a node name; an empty one where they leave it to the server. */
export interface NamedPorts {
  inputs: readonly string[];
  outputs: readonly string[];
}

const NONE_NAMED: NamedPorts = { inputs: [], outputs: [] };

/** The ports of a node: those of its type with its parameters; of a missing type, those that are connected. */
export function portsOf(node: WorkflowNode, type: NodeType | undefined, named: NamedPorts = NONE_NAMED): Ports {
  const inputs = type ? shownInputs(type, present(type.input_ports, type.inputs, node, type), named.inputs) : withNamed(named.inputs);
  const outputs = type ? present(type.output_ports, type.outputs, node, type) : withNamed(named.outputs);
  return { inputs, outputs: node.on_error === "error_port" && !outputs.includes(ERROR_PORT) ? [...outputs, ERROR_PORT] : outputs };
}

/** What connections name of a node's ports. */
export function namedPorts(document: WorkflowDocument, nodeId: string): NamedPorts {
  return {
    inputs: document.connections.filter((one) => one.to === nodeId).map((one) => one.to_port ?? ""),
    outputs: document.connections.filter((one) => one.from === nodeId).map((one) => one.from_port ?? ""),
  };
}

/** The ports that there are with the node's parameters, as the server works them out. */
function present(ports: NodeType["output_ports"], fixed: readonly string[], node: WorkflowNode, type: NodeType): string[] {
  if (!type.dynamic_ports) return [...fixed];
  const names = ports.flatMap((port) => {
    if (port.parameter !== null) return namesIn(valueOf(node, type, port.parameter), port.field ?? "");
    return port.name !== null && fits(port.when, node, type) ? [port.name] : [];
  });
  return [...new Set(names)];
}

/** Whether a node's parameters have the values that are named; each may have one of several. */
export function fits(when: Readonly<Record<string, readonly unknown[]>>, node: WorkflowNode, type: NodeType): boolean {
  return Object.entries(when).every(([parameter, values]) => values.includes(valueOf(node, type, parameter)));
}

function namesIn(elements: unknown, field: string): string[] {
  if (!Array.isArray(elements)) return [];
  return elements.map((one: unknown) => (typeof one === "object" && one !== null ? (one as Record<string, unknown>)[field] : "")).filter((name): name is string => typeof name === "string" && name !== "");
}

/** Of a type that joins many ports, one more than are connected, so that there is always a free one. */
function shownInputs(type: NodeType, inputs: string[], connected: readonly string[]): string[] {
  if (!type.joins || inputs.length <= FEWEST_SHOWN) return inputs;
  const last = Math.max(-1, ...connected.map((port) => inputs.indexOf(port)));
  return inputs.slice(0, Math.max(FEWEST_SHOWN, last + 2, connected.length + 1));
}

function withNamed(named: readonly string[]): string[] {
  return [...new Set(["main", ...named.filter(Boolean)])];
}
