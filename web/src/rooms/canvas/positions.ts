import dagre from "@dagrejs/dagre";
import type { WorkflowDocument } from "@/rooms/builder/state/document";

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 64;
const GAP_X = 60;
const GAP_Y = 50;

type Positions = Map<string, { x: number; y: number }>;

/** Where nodes stand when they are arranged from left to right, along their connections. */
export function arranged(document: WorkflowDocument): Positions {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: GAP_Y, ranksep: GAP_X });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of document.nodes) graph.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const one of document.connections) {
    if (graph.hasNode(one.from) && graph.hasNode(one.to)) graph.setEdge(one.from, one.to);
  }
  dagre.layout(graph);
  return new Map(
    document.nodes.map((node) => {
      const at = graph.node(node.id) as { x: number; y: number };
      return [node.id, { x: Math.round(at.x - NODE_WIDTH / 2), y: Math.round(at.y - NODE_HEIGHT / 2) }];
    }),
  );
}

/** Where nodes stand: where they were put, or arranged where some were never put anywhere. */
export function positionsOf(document: WorkflowDocument): Positions {
  if (document.nodes.every((node) => node.position)) {
    return new Map(document.nodes.map((node) => [node.id, node.position ?? { x: 0, y: 0 }]));
  }
  return arranged(document);
}
