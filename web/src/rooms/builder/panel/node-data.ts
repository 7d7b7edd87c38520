import { useQueries } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { PortData } from "@/rooms/data/data-view";
import { portsOf } from "@/rooms/canvas/ports";
import type { ExpressionContext } from "../expression/preview";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilder } from "../state/store";
import { typeOf, type WorkflowDocument, type WorkflowNode } from "../state/document";

type Ports = Record<string, PortData>;
interface Known {
  executionId: string | null;
  runIndex: number;
  input: Ports;
  output: Ports;
}
const NOTHING: Known = { executionId: null, runIndex: 0, input: {}, output: {} };

export interface NodeData extends Known {
  pinned: boolean;
  /** Whether `input` is what came in when it ran, and not what would come in now. */
  inputRan: boolean;
  context: ExpressionContext | null;
}

function ancestors(document: WorkflowDocument, nodeId: string): string[] {
  const found = new Set<string>();
  const waiting = [nodeId];
  while (waiting.length > 0) {
    const at = waiting.pop();
    for (const one of document.connections) {
      if (one.to === at && !found.has(one.from)) {
        found.add(one.from);
        waiting.push(one.from);
      }
    }
  }
  return [...found];
}

/** What is known of a node's data: pinned first, then from when it ran last. */
export function useNodeData(node: WorkflowNode): NodeData {
  const types = useNodeTypes();
  const workflowId = useBuilder((builder) => builder.workflowId);
  const executionId = useBuilder((builder) => builder.executionId);
  const document = useBuilder(documentOf);
  const before = ancestors(document, node.id);
  const ids = [node.id, ...before];
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["node-data", workflowId, id, executionId],
      staleTime: 1000,
      queryFn: async (): Promise<Known> => {
        const data = await body(api.GET("/api/v1/workflows/{workflow_id}/node-data/{node_id}", { params: { path: { workflow_id: workflowId, node_id: id } } }));
        return { executionId: data.execution_id, runIndex: data.run_index, input: data.input, output: data.output };
      },
    })),
  });
  const known = new Map(ids.map((id, at) => [id, withPinned(document, id, found[at]?.data ?? NOTHING)]));
  const own = known.get(node.id) ?? NOTHING;
  const ran = Object.keys(own.input).length > 0 ? own.executionId : null;
  const input = ran ? own.input : inputFrom(document, node, known, (one) => portsOf(one, typeOf(one, types)).outputs[0] ?? "main");
  const items = Object.values(input).flatMap((port) => port.items);
  const nodes = Object.fromEntries(
    before.flatMap((id) => {
      const given = Object.values(known.get(id)?.output ?? {}).flatMap((port) => port.items);
      return given.length > 0 ? [[id, { item: given[0], items: given }]] : [];
    }),
  );
  const context = items.length > 0 || Object.keys(nodes).length > 0 ? { item: items[0] ?? {}, items, nodes, ...(ran ? { place: { execution_id: ran, node_id: node.id, run_index: own.runIndex, index: 0 } } : {}) } : null;
  return { ...own, input, pinned: Boolean(node.pinned), inputRan: ran !== null, context };
}

function withPinned(document: WorkflowDocument, id: string, known: Known): Known {
  const node = document.nodes.find((one) => one.id === id);
  if (!node?.pinned) return known;
  return { ...known, output: { main: { count: node.pinned.length, items: node.pinned } } };
}

function inputFrom(document: WorkflowDocument, node: WorkflowNode, known: ReadonlyMap<string, Known>, firstPort: (node: WorkflowNode) => string): Ports {
  const input: Ports = {};
  for (const one of document.connections.filter((connection) => connection.to === node.id)) {
    const source = document.nodes.find((other) => other.id === one.from);
    if (!source) continue;
    const output = known.get(one.from)?.output ?? {};
    const given = output[one.from_port ?? firstPort(source)] ?? (source.pinned ? output.main : undefined);
    if (!given) continue;
    const port = one.to_port ?? "main";
    const already = input[port];
    input[port] = { count: (already?.count ?? 0) + given.count, items: [...(already?.items ?? []), ...given.items] };
  }
  return input;
}
