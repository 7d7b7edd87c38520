import type { NodeType, WorkflowNode } from "../state/document";

/** The chosen credentials' ids by slot. */
export function chosenCredentials(node: WorkflowNode, type: NodeType | undefined): Record<string, string> {
  const first = type?.credentials[0]?.name;
  return { ...(first && node.credential_id ? { [first]: node.credential_id } : {}), ...node.credentials };
}

/** What a node says of its credentials once that of one slot is another one, or none (empty). */
export function withCredential(node: WorkflowNode, type: NodeType, slot: string, id: string): Partial<WorkflowNode> {
  const first = type.credentials[0]?.name;
  const others = Object.entries(chosenCredentials(node, type)).filter(([name]) => name !== slot);
  const chosen = Object.fromEntries(id ? [...others, [slot, id] as const] : others);
  const names = Object.keys(chosen);
  // One in the first slot alone is written as it always was.
  if (names.every((name) => name === first)) return { credential_id: (first && chosen[first]) || null, credentials: undefined };
  return { credential_id: undefined, credentials: chosen };
}
