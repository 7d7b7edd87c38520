import type { NodeType, WorkflowNode } from "@/rooms/builder/state/document";

const ERROR_PORT = "error";

/** The ports of a node: those of its type, and those that its parameters make. */
export function portsOf(node: WorkflowNode, type: NodeType | undefined, connectedInputs: readonly string[] = []): { inputs: string[]; outputs: string[] } {
  const inputs = type ? [...type.inputs] : ["main"];
  const outputs = type ? [...type.outputs] : ["main"];
  const shown = { inputs: node.type === "merge" ? mergeInputs(connectedInputs) : inputs, outputs };
  if (node.type === "switch") shown.outputs = [...switchOutputs(node), "default"];
  if (node.type === "wait" && node.params.callback === true && node.params.on_timeout === "port") shown.outputs = ["main", "timed_out"];
  if (node.on_error === "error_port") shown.outputs = [...shown.outputs, ERROR_PORT];
  return shown;
}

function switchOutputs(node: WorkflowNode): string[] {
  const cases = Array.isArray(node.params.cases) ? (node.params.cases as { port?: unknown }[]) : [];
  return cases.map((one) => (typeof one.port === "string" ? one.port : "")).filter(Boolean);
}

/** One more than there are connections, so that there is always a free one. */
function mergeInputs(connected: readonly string[]): string[] {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const used = connected.filter((port) => letters.includes(port)).map((port) => letters.indexOf(port));
  const count = Math.min(letters.length, Math.max(2, (used.length > 0 ? Math.max(...used) : -1) + 2));
  return [...letters.slice(0, count)];
}
