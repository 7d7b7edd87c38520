import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type NodeType = Schemas["NodeTypeOut"];
type JsonObject = { [key: string]: unknown };

export interface WorkflowNode {
  id: string;
  type: string;
  name?: string | null;
  params: JsonObject;
  credential_id?: string | null;
  retry?: { max_attempts: number; delay_s: number; multiplier: number; max_delay_s: number } | null;
  timeout_s?: number | null;
  on_error?: "stop" | "continue" | "error_port";
  if_empty?: "stop" | "one_empty_item";
  disabled?: boolean;
  pinned?: JsonObject[] | null;
  position?: { x: number; y: number } | null;
  notes?: string | null;
}

export interface Connection {
  from: string;
  to: string;
  from_port?: string | null;
  to_port?: string | null;
}

export const NOTE_COLOURS = ["yellow", "blue", "green", "pink", "gray"] as const;
export interface StickyNote {
  id: string;
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
  color: (typeof NOTE_COLOURS)[number];
}

interface WorkflowSettings {
  timezone?: string;
  timeout_s?: number;
  error_workflow_id?: string | null;
  max_concurrency?: number | null;
}

/** A workflow document as the API takes and gives it; drafts may be incomplete. */
export interface WorkflowDocument {
  name: string;
  settings: WorkflowSettings;
  nodes: WorkflowNode[];
  connections: Connection[];
  sticky_notes: StickyNote[];
}

/** A document with everything that may be left out of it. */
export function whole(document: WorkflowDocument): WorkflowDocument {
  return {
    ...document,
    settings: document.settings ?? {},
    nodes: document.nodes.map((node) => ({ ...node, params: node.params ?? {} })),
    connections: document.connections ?? [],
    sticky_notes: document.sticky_notes ?? [],
  };
}

/** One string for one connection: two that are alike are the same one. */
export function connectionKey(connection: Connection): string {
  return [connection.from, connection.from_port ?? "", connection.to, connection.to_port ?? ""].join("\u0000");
}

export function nodeTitle(node: WorkflowNode, types: ReadonlyMap<string, NodeType>): string {
  return node.name || types.get(node.type)?.title || node.type;
}
