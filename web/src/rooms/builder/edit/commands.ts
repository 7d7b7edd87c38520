import { arranged } from "@/rooms/canvas/positions";
import type { Connection, NodeType } from "../state/document";
import { documentOf, type BuilderStore } from "../state/store";
import { aligned, type Alignment } from "./alignment";
import { addNode, clip, connect, disconnect, duplicate, freshId, insertExisting, insertInto, newNode, paste, placeFor, readClipping, removeChosen, type Chosen } from "./operations";
import { connectionKey } from "../state/document";

/** Where a node that is added is to be connected. */
export interface AddingAt {
  position?: { x: number; y: number };
  /** Behind this node's port. */
  after?: { nodeId: string; port: string | null };
  /** Before this node's port. */
  before?: { nodeId: string; port: string | null };
  /** Within this connection. */
  into?: Connection;
}

/** What a person does to the document, by mouse, by key or from the outline: one step to undo each. */
export function commandsOf(store: BuilderStore, types: ReadonlyMap<string, NodeType>) {
  const chosen = (): Chosen => {
    const { selectedNodes, selectedConnections, selectedNotes } = store.getState();
    return { nodes: selectedNodes, connections: selectedConnections, notes: selectedNotes };
  };
  const add = (type: NodeType, at: AddingAt): string => {
    const state = store.getState();
    const document = documentOf(state);
    if (at.into) {
      const made = insertInto(document, at.into, type);
      state.change(() => made.document);
      state.select({ nodes: [made.id] });
      return made.id;
    }
    const place = at.position ?? placeFor(document, at.after?.nodeId ?? null);
    const node = newNode(document, type, place);
    state.change((before) => {
      const after = addNode(before, node);
      if (at.before) return connect(after, { from: node.id, to: at.before.nodeId, to_port: at.before.port }, types);
      if (!at.after) return after;
      return connect(after, { from: at.after.nodeId, to: node.id, ...(at.after.port === null ? {} : { from_port: at.after.port }) }, types);
    });
    state.select({ nodes: [node.id] });
    return node.id;
  };
  const pasteText = (text: string) => {
    const clipping = readClipping(text);
    if (!clipping || clipping.nodes.length + clipping.sticky_notes.length === 0) return false;
    const pasted = paste(documentOf(store.getState()), clipping);
    store.getState().change(() => pasted.document);
    store.getState().select({ nodes: pasted.ids, notes: pasted.notes });
    return true;
  };
  const remove = () => {
    const what = chosen();
    if (what.nodes.size + what.connections.size + what.notes.size === 0) return;
    store.getState().change((document) => removeChosen(document, what, types));
    store.getState().select({});
    const { openNode } = store.getState();
    if (openNode !== null && what.nodes.has(openNode)) store.getState().open(null);
  };
  const toggle = (member: "disabled", nodeIds: Iterable<string> = chosen().nodes) => {
    const ids = new Set(nodeIds);
    store.getState().change((document) => {
      const turnOn = document.nodes.some((node) => ids.has(node.id) && !node[member]);
      return { ...document, nodes: document.nodes.map((node) => (ids.has(node.id) ? { ...node, [member]: turnOn } : node)) };
    });
  };
  return {
    add,
    remove,
    toggle,
    pasteText,
    connect: (connection: Connection) => store.getState().change((document) => connect(document, connection, types)),
    /** Lead a connection through a node that lies on it; says whether that could be done. */
    insertExisting: (connectionId: string, nodeId: string) => {
      const connection = documentOf(store.getState()).connections.find((one) => connectionKey(one) === connectionId);
      if (connection) store.getState().change((document) => insertExisting(document, connection, nodeId, types), "move");
    },
    align: (alignment: Alignment) => store.getState().change((document) => aligned(document, chosen().nodes, alignment)),
    disconnect: (connection: Connection) => store.getState().change((document) => disconnect(document, connectionKey(connection))),
    copyText: () => clip(documentOf(store.getState()), chosen()),
    hasChosen: () => chosen().nodes.size + chosen().notes.size > 0,
    duplicate: () => {
      if (chosen().nodes.size + chosen().notes.size === 0) return;
      const made = duplicate(documentOf(store.getState()), chosen());
      store.getState().change(() => made.document);
      store.getState().select({ nodes: made.ids, notes: made.notes });
    },
    selectAll: () => {
      const document = documentOf(store.getState());
      store.getState().select({ nodes: document.nodes.map((node) => node.id), notes: document.sticky_notes.map((note) => note.id) });
    },
    arrange: () =>
      store.getState().change((document) => {
        const positions = arranged(document);
        return { ...document, nodes: document.nodes.map((node) => ({ ...node, position: positions.get(node.id) ?? node.position ?? null })) };
      }),
    addNote: (position: { x: number; y: number }, text: string) => {
      const id = freshId(documentOf(store.getState()), "note");
      store.getState().change((document) => ({
        ...document,
        sticky_notes: [...document.sticky_notes, { id, text, x: Math.round(position.x), y: Math.round(position.y), width: 240, height: 120, color: "yellow" }],
      }));
      store.getState().select({ notes: [id] });
      return id;
    },
    rename: (nodeId: string, name: string) => {
      if (name.trim()) store.getState().patchNode(nodeId, { name: name.trim().slice(0, 200) });
    },
    togglePin: (nodeId: string, items: object[] | null) => {
      const node = documentOf(store.getState()).nodes.find((one) => one.id === nodeId);
      if (!node) return;
      if (!node.pinned && items === null) return;
      store.getState().patchNode(nodeId, { pinned: node.pinned ? null : (items as { [key: string]: unknown }[]) });
    },
  };
}

export type Commands = ReturnType<typeof commandsOf>;
