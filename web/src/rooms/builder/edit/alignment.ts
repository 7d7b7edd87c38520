import { NODE_HEIGHT, NODE_WIDTH, positionsOf } from "@/rooms/canvas/positions";
import type { WorkflowDocument } from "../state/document";

export const ALIGNMENTS = ["left", "top", "distributeAcross", "distributeDown"] as const;
export type Alignment = (typeof ALIGNMENTS)[number];
type Point = { x: number; y: number };

const LEAST_GAP = 40;

/** Align or spread nodes; fewer than two stay where they are. */
export function aligned(document: WorkflowDocument, nodeIds: ReadonlySet<string>, alignment: Alignment): WorkflowDocument {
  const positions = positionsOf(document);
  const chosen = [...positions].filter(([id]) => nodeIds.has(id));
  if (chosen.length < 2) return document;
  const moved = new Map(MOVES[alignment](chosen));
  return { ...document, nodes: document.nodes.map((node) => ({ ...node, position: moved.get(node.id) ?? node.position ?? positions.get(node.id) ?? null })) };
}

type Placed = [string, Point];
const MOVES: Record<Alignment, (chosen: Placed[]) => Placed[]> = {
  left: (chosen) => {
    const x = Math.min(...chosen.map(([, at]) => at.x));
    return chosen.map(([id, at]) => [id, { ...at, x }]);
  },
  top: (chosen) => {
    const y = Math.min(...chosen.map(([, at]) => at.y));
    return chosen.map(([id, at]) => [id, { ...at, y }]);
  },
  distributeAcross: (chosen) => spread(chosen, "x", NODE_WIDTH + LEAST_GAP),
  distributeDown: (chosen) => spread(chosen, "y", NODE_HEIGHT + LEAST_GAP),
};

/** Put the same distance between all, and never so little that they cover one another. */
function spread(chosen: Placed[], axis: "x" | "y", least: number): Placed[] {
  const sorted = [...chosen].sort(([, one], [, other]) => one[axis] - other[axis]);
  const first = sorted[0]?.[1][axis] ?? 0;
  const last = sorted.at(-1)?.[1][axis] ?? 0;
  const step = Math.max(least, Math.round((last - first) / (sorted.length - 1)));
  return sorted.map(([id, at], index) => [id, { ...at, [axis]: first + index * step }]);
}
