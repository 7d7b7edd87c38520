import type { Connection, NodeType, WorkflowDocument } from "../state/document";

interface Edge {
  from: string;
  port: string | null;
  to: string;
}

/**
 * Whether a document has a cycle that the server refuses. Only what comes out of a loop's first
 * port may lead back into that loop; `layers/engine/core/graph.py` has the same rule.
 */
export function hasForbiddenCycle(document: WorkflowDocument, types: ReadonlyMap<string, NodeType>): boolean {
  const loops = new Map(
    document.nodes.flatMap((node) => {
      const type = types.get(node.type);
      return type?.is_loop ? [[node.id, type.outputs[0] ?? ""] as const] : [];
    }),
  );
  const edges: Edge[] = document.connections.map((one: Connection) => ({ from: one.from, port: one.from_port ?? loops.get(one.from) ?? null, to: one.to }));
  const bodies = new Map([...loops].map(([loop, port]) => [loop, bodyOf(loop, port, edges)]));
  const forward = edges.filter((edge) => !bodies.get(edge.to)?.has(edge.from));
  return !isSortable(document.nodes.map((node) => node.id), forward);
}

/** The nodes on a way from a loop's first port back to it that does not cross it. */
function bodyOf(loop: string, port: string, edges: readonly Edge[]): Set<string> {
  const onward = adjacent(edges, (edge) => [edge.from, edge.to]);
  const inward = adjacent(edges, (edge) => [edge.to, edge.from]);
  const entered = edges.filter((edge) => edge.from === loop && edge.port === port).map((edge) => edge.to);
  const returning = walk(inward.get(loop) ?? [], inward, loop);
  return new Set([...walk(entered, onward, loop)].filter((node) => returning.has(node)));
}

function adjacent(edges: readonly Edge[], pair: (edge: Edge) => [string, string]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const edge of edges) {
    const [one, other] = pair(edge);
    const known = found.get(one);
    if (known) known.push(other);
    else found.set(one, [other]);
  }
  return found;
}

function walk(starts: readonly string[], next: ReadonlyMap<string, string[]>, stop: string): Set<string> {
  const found = new Set<string>();
  const waiting = [...starts];
  while (waiting.length > 0) {
    const node = waiting.pop() as string;
    if (node === stop || found.has(node)) continue;
    found.add(node);
    waiting.push(...(next.get(node) ?? []));
  }
  return found;
}

function isSortable(nodes: readonly string[], edges: readonly Edge[]): boolean {
  const next = adjacent(edges, (edge) => [edge.from, edge.to]);
  const incoming = new Map(nodes.map((node) => [node, 0]));
  for (const edge of edges) incoming.set(edge.to, (incoming.get(edge.to) ?? 0) + 1);
  const ready = [...incoming].filter(([, count]) => count === 0).map(([node]) => node);
  let sorted = 0;
  while (ready.length > 0) {
    const node = ready.pop() as string;
    sorted += 1;
    for (const target of next.get(node) ?? []) {
      const left = (incoming.get(target) ?? 0) - 1;
      incoming.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return sorted === incoming.size;
}
