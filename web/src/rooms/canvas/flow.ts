import type { Edge, Node } from "@xyflow/react";
import { connectionKey, nodeTitle, typeOf, type Connection, type NodeType, type StickyNote, type WorkflowDocument, type WorkflowNode } from "@/rooms/builder/state/document";
import type { StepState } from "@/rooms/executions/live";
import { portsOf, type NamedPorts } from "./ports";
import { NODE_HEIGHT, NODE_WIDTH, positionsOf } from "./positions";

export const PORT_HEIGHT = 24;
export const PADDING = 16;

/** How a node differs from what it was in another version. */
export type NodeMark = "added" | "removed" | "changed";

interface NodeCardData extends Record<string, unknown> {
  node: WorkflowNode;
  type: NodeType | undefined;
  title: string;
  inputs: string[];
  outputs: string[];
  state: StepState | undefined;
  mark: NodeMark | undefined;
  problems: number;
  editable: boolean;
}
interface NoteCardData extends Record<string, unknown> {
  note: StickyNote;
  editable: boolean;
}
interface ConnectionData extends Record<string, unknown> {
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
  marks?: ReadonlyMap<string, NodeMark>;
  problems: ReadonlyMap<string, number>;
  selectedNodes: ReadonlySet<string>;
  selectedConnections: ReadonlySet<string>;
  selectedNotes: ReadonlySet<string>;
  editable: boolean;
}

/** What was drawn before, so that only what has changed is drawn again. */
export type Drawn = Map<string, FlowNode>;

/** A workflow as React Flow draws it; nodes that have not changed stay the objects they were. */
export function flowNodes(document: WorkflowDocument, options: FlowOptions, drawn: Drawn = new Map()): FlowNode[] {
  const positions = positionsOf(document);
  const named = allNamedPorts(document);
  const kept: Drawn = new Map();
  const keep = <T extends FlowNode>(made: T): T => {
    const before = drawn.get(made.id);
    const same = before && isSame(before, made) ? (before as T) : made;
    kept.set(made.id, same);
    return same;
  };
  const notes = document.sticky_notes.map((note) => keep(noteCard(note, options)));
  const nodes = document.nodes.map((node) => keep(nodeCard(node, options, positions.get(node.id), named.get(node.id))));
  drawn.clear();
  for (const [id, one] of kept) drawn.set(id, one);
  return [...notes, ...nodes];
}

/** What connections name of all nodes' ports: once for a whole document, which may be large. */
function allNamedPorts(document: WorkflowDocument): Map<string, NamedPorts> {
  const found = new Map<string, { inputs: string[]; outputs: string[] }>(document.nodes.map((node) => [node.id, { inputs: [], outputs: [] }]));
  for (const one of document.connections) {
    found.get(one.from)?.outputs.push(one.from_port ?? "");
    found.get(one.to)?.inputs.push(one.to_port ?? "");
  }
  return found;
}

function isSame(before: FlowNode, after: FlowNode): boolean {
  return (
    before.selected === after.selected &&
    before.position.x === after.position.x &&
    before.position.y === after.position.y &&
    before.width === after.width &&
    before.height === after.height &&
    Object.entries(after.data).every(([name, value]) => {
      const other = before.data[name];
      return value === other || (Array.isArray(value) && Array.isArray(other) && value.join() === other.join());
    })
  );
}

function noteCard(note: StickyNote, options: FlowOptions): NoteCardNode {
  return {
    id: `note:${note.id}`,
    type: "note",
    position: { x: note.x, y: note.y },
    width: note.width,
    height: note.height,
    measured: { width: note.width, height: note.height },
    zIndex: -1,
    selected: options.selectedNotes.has(note.id),
    data: { note, editable: options.editable },
  };
}

function nodeCard(node: WorkflowNode, options: FlowOptions, position: { x: number; y: number } | undefined, named: NamedPorts | undefined): NodeCardNode {
  const type = typeOf(node, options.types);
  const title = nodeTitle(node, options.types);
  const ports = portsOf(node, type, named);
  const rows = Math.max(ports.inputs.length, ports.outputs.length);
  return {
    id: node.id,
    type: "node",
    position: position ?? { x: 0, y: 0 },
    // Known beforehand, so that the map and what is outside of the view need not be drawn first.
    measured: { width: NODE_WIDTH, height: Math.max(NODE_HEIGHT, rows * PORT_HEIGHT + PADDING) },
    selected: options.selectedNodes.has(node.id),
    ariaLabel: title,
    data: {
      // While a node is moved its content stays the same object for whoever draws it.
      node: contentOf(node),
      type,
      title,
      ...ports,
      state: options.states.get(node.id),
      mark: options.marks?.get(node.id),
      problems: options.problems.get(node.id) ?? 0,
      editable: options.editable,
    },
  };
}

const CONTENTS = new WeakMap<object, WorkflowNode>();

/** One object for all nodes that differ in their place only: told by their parameters' object. */
function contentOf(node: WorkflowNode): WorkflowNode {
  const known = CONTENTS.get(node.params);
  const isKnown = known && Object.entries(node).every(([name, value]) => name === "position" || known[name as keyof WorkflowNode] === value);
  if (isKnown) return known;
  CONTENTS.set(node.params, node);
  return node;
}

export function flowEdges(document: WorkflowDocument, options: FlowOptions): FlowEdge[] {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const named = allNamedPorts(document);
  const taken = new Map<string, number>();
  return document.connections
    .filter((one) => byId.has(one.from) && byId.has(one.to))
    .map((connection) => {
      const source = byId.get(connection.from) as WorkflowNode;
      const target = byId.get(connection.to) as WorkflowNode;
      const from = connection.from_port ?? portsOf(source, typeOf(source, options.types), named.get(source.id)).outputs[0] ?? "main";
      const type = typeOf(target, options.types);
      const ports = portsOf(target, type, named.get(target.id)).inputs;
      const place = taken.get(connection.to) ?? 0;
      taken.set(connection.to, place + 1);
      // The server gives what names no port the next free one of a node that joins several.
      const to = connection.to_port ?? (type?.joins ? (ports[place] ?? ports[0]) : ports[0]) ?? "main";
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
