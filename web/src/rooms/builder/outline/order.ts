import type { WorkflowDocument, WorkflowNode } from "../state/document";

export interface OutlineEntry {
  node: WorkflowNode;
  /** How many branches it stands behind. */
  depth: number;
}

/** All nodes once, each behind what leads to it as far as that goes; branches are indented. */
export function inOrder(document: WorkflowDocument): OutlineEntry[] {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const targets = new Set(document.connections.map((one) => one.to));
  const entries: OutlineEntry[] = [];
  const seen = new Set<string>();
  const visit = (id: string, depth: number) => {
    const node = byId.get(id);
    if (!node || seen.has(id)) return;
    seen.add(id);
    entries.push({ node, depth });
    const onward = document.connections.filter((one) => one.from === id);
    for (const one of onward) visit(one.to, depth + (onward.length > 1 ? 1 : 0));
  };
  for (const node of document.nodes) if (!targets.has(node.id)) visit(node.id, 0);
  for (const node of document.nodes) visit(node.id, 0);
  return entries;
}
