import { portsOf } from "@/rooms/canvas/ports";
import { NODE_HEIGHT, NODE_WIDTH, positionsOf } from "@/rooms/canvas/positions";
import { connectionKey, type Connection, type NodeType, type StickyNote, type WorkflowDocument, type WorkflowNode } from "../state/document";

import { hasForbiddenCycle } from "./cycles";

type Types = ReadonlyMap<string, NodeType>;
interface Point {
  x: number;
  y: number;
}
const GAP = 60;
const SHIFT = 40;

/** An id that the document does not have yet, told from the type: `set`, `set_2`, … */
export function freshId(document: WorkflowDocument, wanted: string): string {
  const taken = new Set([...document.nodes.map((node) => node.id), ...document.sticky_notes.map((note) => note.id)]);
  const base = wanted.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_") || "node";
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}

/** A node of a type with the parameters that its sample shows. */
export function newNode(document: WorkflowDocument, type: NodeType, position: Point): WorkflowNode {
  const id = freshId(document, type.type);
  return { id, type: type.type, name: type.title, params: structuredClone(type.sample.params), position: { x: Math.round(position.x), y: Math.round(position.y) } };
}

/** Where a node goes that nobody gave a place: behind another one, or below all. */
export function placeFor(document: WorkflowDocument, after: string | null): Point {
  const positions = positionsOf(document);
  const anchor = after === null ? undefined : positions.get(after);
  const taken = [...positions.values()];
  if (!anchor) {
    if (taken.length === 0) return { x: 0, y: 0 };
    return { x: Math.min(...taken.map((one) => one.x)), y: Math.max(...taken.map((one) => one.y)) + NODE_HEIGHT + GAP };
  }
  const place = { x: anchor.x + NODE_WIDTH + GAP, y: anchor.y };
  while (taken.some((one) => Math.abs(one.x - place.x) < NODE_WIDTH && Math.abs(one.y - place.y) < NODE_HEIGHT + 10)) place.y += NODE_HEIGHT + GAP;
  return place;
}

export function addNode(document: WorkflowDocument, node: WorkflowNode): WorkflowDocument {
  return { ...document, nodes: [...document.nodes, node] };
}

/** Why two ports cannot be connected, or null. */
export function whyNot(document: WorkflowDocument, connection: Connection, types: Types): "self" | "twice" | "trigger" | "cycle" | null {
  if (connection.from === connection.to) return "self";
  const target = document.nodes.find((node) => node.id === connection.to);
  if (target && types.get(target.type)?.kind === "trigger") return "trigger";
  if (document.connections.some((one) => connectionKey(one) === connectionKey(connection))) return "twice";
  const after = { ...document, connections: [...document.connections, connection] };
  return hasForbiddenCycle(after, types) && !hasForbiddenCycle(document, types) ? "cycle" : null;
}

export function connect(document: WorkflowDocument, connection: Connection, types: Types): WorkflowDocument {
  return whyNot(document, connection, types) === null ? { ...document, connections: [...document.connections, connection] } : document;
}

export function disconnect(document: WorkflowDocument, key: string): WorkflowDocument {
  return { ...document, connections: document.connections.filter((one) => connectionKey(one) !== key) };
}

/** Lead a connection through a node that is there already. */
function through(document: WorkflowDocument, connection: Connection, node: WorkflowNode, type: NodeType | undefined): WorkflowDocument {
  const { inputs, outputs } = portsOf(node, type);
  const rest = disconnect(document, connectionKey(connection));
  const before: Connection = { ...connection, to: node.id, to_port: null };
  const after: Connection = { from: node.id, to: connection.to, from_port: outputs.length > 1 ? (outputs[0] ?? null) : null, to_port: connection.to_port ?? null };
  return { ...rest, connections: [...rest.connections, ...(inputs.length > 0 ? [before] : []), ...(outputs.length > 0 ? [after] : [])] };
}

/** Put a node that nothing is connected with into a connection; the document as it is if that cannot be. */
export function insertExisting(document: WorkflowDocument, connection: Connection, nodeId: string, types: Types): WorkflowDocument {
  const node = document.nodes.find((one) => one.id === nodeId);
  const isFree = !document.connections.some((one) => one.from === nodeId || one.to === nodeId);
  const type = node ? types.get(node.type) : undefined;
  if (!node || !isFree || type?.kind === "trigger") return document;
  return through(document, connection, node, type);
}

/** Put a new node into a connection: what came from before goes through it. */
export function insertInto(document: WorkflowDocument, connection: Connection, type: NodeType): { document: WorkflowDocument; id: string } {
  const positions = positionsOf(document);
  const from = positions.get(connection.from) ?? { x: 0, y: 0 };
  const to = positions.get(connection.to) ?? { x: 0, y: 0 };
  const node = newNode(document, type, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + (Math.abs(to.x - from.x) < NODE_WIDTH * 2 + GAP ? NODE_HEIGHT + SHIFT : 0) });
  return { document: through(addNode(document, node), connection, node, type), id: node.id };
}

export interface Chosen {
  nodes: ReadonlySet<string>;
  connections: ReadonlySet<string>;
  notes: ReadonlySet<string>;
}

/** Take nodes away; where one came in and one went out, those two are connected then. */
export function removeChosen(document: WorkflowDocument, chosen: Chosen, types: Types): WorkflowDocument {
  return without([...chosen.nodes].reduce((rest, id) => bridged(rest, id, types), document), chosen);
}

function bridged(document: WorkflowDocument, nodeId: string, types: Types): WorkflowDocument {
  const [before, another] = document.connections.filter((one) => one.to === nodeId);
  const [after, more] = document.connections.filter((one) => one.from === nodeId);
  const rest = { ...document, connections: document.connections.filter((one) => one.from !== nodeId && one.to !== nodeId) };
  if (!before || !after || another || more) return rest;
  return connect(rest, { from: before.from, from_port: before.from_port ?? null, to: after.to, to_port: after.to_port ?? null }, types);
}

function without(document: WorkflowDocument, chosen: Chosen): WorkflowDocument {
  const gone = (id: string) => chosen.nodes.has(id);
  return {
    ...document,
    nodes: document.nodes.filter((node) => !gone(node.id)),
    connections: document.connections.filter((one) => !gone(one.from) && !gone(one.to) && !chosen.connections.has(connectionKey(one))),
    sticky_notes: document.sticky_notes.filter((note) => !chosen.notes.has(note.id)),
  };
}

export interface Clipping {
  treadle: 1;
  nodes: WorkflowNode[];
  connections: Connection[];
  sticky_notes: StickyNote[];
}

/** What is chosen, as text that another tab can take. */
export function clip(document: WorkflowDocument, chosen: Chosen): string {
  const clipping: Clipping = {
    treadle: 1,
    nodes: document.nodes.filter((node) => chosen.nodes.has(node.id)),
    connections: document.connections.filter((one) => chosen.nodes.has(one.from) && chosen.nodes.has(one.to)),
    sticky_notes: document.sticky_notes.filter((note) => chosen.notes.has(note.id)),
  };
  return JSON.stringify(clipping, null, 2);
}

/** What a text holds that was copied here, or out of a workflow's JSON; null for any other text. */
export function readClipping(text: string): Clipping | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof found !== "object" || found === null || !Array.isArray((found as Clipping).nodes)) return null;
  const given = found as Partial<Clipping>;
  const nodes = (given.nodes ?? []).filter((node) => typeof node?.id === "string" && typeof node.type === "string");
  const connections = Array.isArray(given.connections) ? given.connections : [];
  const notes = Array.isArray(given.sticky_notes) ? given.sticky_notes : [];
  return { treadle: 1, nodes: nodes.map((node) => ({ ...node, params: node.params ?? {} })), connections, sticky_notes: notes };
}

/** Put a clipping into the document, under ids that are free; what refers to a copied node follows. */
export function paste(document: WorkflowDocument, clipping: Clipping, shift: Point = { x: SHIFT, y: SHIFT }): { document: WorkflowDocument; ids: string[]; notes: string[] } {
  let next = document;
  const renamed = new Map<string, string>();
  for (const node of clipping.nodes) {
    const id = freshId(next, node.id.replace(/_\d+$/, ""));
    renamed.set(node.id, id);
    const position = node.position ? { x: node.position.x + shift.x, y: node.position.y + shift.y } : placeFor(next, null);
    next = addNode(next, { ...node, id, position });
  }
  const ids = [...renamed.values()];
  next = {
    ...next,
    nodes: next.nodes.map((node) => (ids.includes(node.id) ? { ...node, params: withNames(node.params, renamed) as WorkflowNode["params"] } : node)),
    connections: [
      ...next.connections,
      ...clipping.connections.flatMap((one) => {
        const from = renamed.get(one.from);
        const to = renamed.get(one.to);
        return from && to ? [{ ...one, from, to }] : [];
      }),
    ],
  };
  const notes: string[] = [];
  for (const note of clipping.sticky_notes) {
    const id = freshId(next, "note");
    notes.push(id);
    next = { ...next, sticky_notes: [...next.sticky_notes, { ...note, id, x: note.x + shift.x, y: note.y + shift.y }] };
  }
  return { document: next, ids, notes };
}

function withNames(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(/\bnodes\.([A-Za-z_][A-Za-z0-9_]*)/g, (whole, id: string) => (renamed.has(id) ? `nodes.${renamed.get(id)}` : whole));
  }
  if (Array.isArray(value)) return value.map((one) => withNames(one, renamed));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withNames(one, renamed)]));
  }
  return value;
}

export function duplicate(document: WorkflowDocument, chosen: Chosen): { document: WorkflowDocument; ids: string[]; notes: string[] } {
  return paste(document, JSON.parse(clip(document, chosen)) as Clipping);
}
