import type { Edge, Node } from "@xyflow/react";
import { connectionKey, nodeTitle, type Connection, type NodeType, type StickyNote, type WorkflowDocument, type WorkflowNode } from "@/rooms/builder/state/document";
import type { StepState } from "@/rooms/executions/live";
import { portsOf } from "./ports";
import { NODE_HEIGHT, NODE_WIDTH, positionsOf } from "./positions";

export const PORT_HEIGHT = 24;
export const PADDING = 16;

export interface NodeCardData extends Record<string, unknown> {
  node: WorkflowNode;
  type: NodeType | undefined;
  title: string;
  inputs: string[];
  outputs: string[];
  state: StepState | undefined;
  problems: number;
  editable: boolean;
}
export interface NoteCardData extends Record<string, unknown> {
  note: StickyNote;
  editable: boolean;
}
export interface ConnectionData extends Record<string, unknown> {
  connection: Connection;
  count: number | undefined;
  failed: boolean;
  editable: boolean;
}
export type NodeCardNode = Node<NodeCardData, "node">;
export type NoteCardNode = Node<NoteCardData, "note">;
export type FlowNode = NodeCardNode | NoteCardNode;
export type FlowEdge = Edge<ConnectionData, "connection">;

export interface FlowOptions {
  types: ReadonlyMap<string, NodeType>;
  states: ReadonlyMap<string, StepState>;
  problems: ReadonlyMap<string, number>;
  selectedNodes: ReadonlySet<string>;
  selectedConnections: ReadonlySet<string>;
  selectedNotes: ReadonlySet<string>;
  editable: boolean;
}

/** A workflow as React Flow draws it. */
export function flowNodes(document: WorkflowDocument, options: FlowOptions): FlowNode[] {
  const positions = positionsOf(document);
  const arriving = new Map<string, string[]>();
  for (const one of document.connections) {
    arriving.set(one.to, [...(arriving.get(one.to) ?? []), one.to_port ?? ""]);
  }
  const notes: NoteCardNode[] = document.sticky_notes.map((note) => ({
    id: `note:${note.id}`,
    type: "note",
    position: { x: note.x, y: note.y },
    width: note.width,
    height: note.height,
    measured: { width: note.width, height: note.height },
    zIndex: -1,
    selected: options.selectedNotes.has(note.id),
    data: { note, editable: options.editable },
  }));
  const nodes: NodeCardNode[] = document.nodes.map((node) => {
    const type = options.types.get(node.type);
    const title = nodeTitle(node, options.types);
    const ports = portsOf(node, type, arriving.get(node.id));
    const rows = Math.max(ports.inputs.length, ports.outputs.length);
    return {
      id: node.id,
      type: "node",
      position: positions.get(node.id) ?? { x: 0, y: 0 },
      // Known beforehand, so that the map and what is outside of the view need not be drawn first.
      measured: { width: NODE_WIDTH, height: Math.max(NODE_HEIGHT, rows * PORT_HEIGHT + PADDING) },
      selected: options.selectedNodes.has(node.id),
      ariaLabel: title,
      data: {
        node,
        type,
        title,
        ...ports,
        state: options.states.get(node.id),
        problems: options.problems.get(node.id) ?? 0,
        editable: options.editable,
      },
    };
  });
  return [...notes, ...nodes];
}

export function flowEdges(document: WorkflowDocument, options: FlowOptions): FlowEdge[] {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const taken = new Map<string, number>();
  return document.connections
    .filter((one) => byId.has(one.from) && byId.has(one.to))
    .map((connection) => {
      const source = byId.get(connection.from) as WorkflowNode;
      const target = byId.get(connection.to) as WorkflowNode;
      const from = connection.from_port ?? portsOf(source, options.types.get(source.type)).outputs[0] ?? "main";
      const ports = portsOf(target, options.types.get(target.type)).inputs;
      const place = taken.get(connection.to) ?? 0;
      taken.set(connection.to, place + 1);
      // The server gives what names no port the next free one of a node that waits for all.
      const to = connection.to_port ?? (target.type === "merge" ? (ports[place] ?? ports[0]) : ports[0]) ?? "main";
      const state = options.states.get(connection.from);
      const key = connectionKey(connection);
      return {
        id: key,
        type: "connection" as const,
        source: connection.from,
        target: connection.to,
        sourceHandle: from,
        targetHandle: to,
        selected: options.selectedConnections.has(key),
        animated: state?.status === "running",
        data: { connection, count: state?.outputCounts[from], failed: state?.status === "failed", editable: options.editable },
      };
    });
}
