import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type NodeType = Schemas["NodeTypeOut"];
type JsonObject = { [key: string]: unknown };

export interface WorkflowNode {
  id: string;
  type: string;
  /** The version of its type that it was saved with. */
  version?: number | null;
  name?: string | null;
  params: JsonObject;
  /** Of the first slot. */
  credential_id?: string | null;
  /** By slot; the first one stands here or above. */
  credentials?: { [slot: string]: string };
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

/** The type of a node; none where it is not here, or in an older version only. */
export function typeOf(node: Pick<WorkflowNode, "type" | "version">, types: ReadonlyMap<string, NodeType>): NodeType | undefined {
  const type = types.get(node.type);
  return type && (node.version ?? 0) <= type.version ? type : undefined;
}

/** Whether a node has what an older version of its type has: no form of the newest fits it. */
export function isOlder(node: Pick<WorkflowNode, "version">, type: Pick<NodeType, "version">): boolean {
  return (node.version ?? type.version) < type.version;
}

/** What a node's parameter is: its own value, or else the default of its type. */
export function valueOf(node: WorkflowNode, type: NodeType, parameter: string): unknown {
  if (parameter in node.params) return node.params[parameter];
  const { properties } = type.params_schema as { properties?: Record<string, { default?: unknown }> };
  return properties?.[parameter]?.default;
}

export function nodeTitle(node: WorkflowNode, types: ReadonlyMap<string, NodeType>): string {
  return node.name || types.get(node.type)?.title || node.type;
}
