import type { EdgeTypes, NodeTypes } from "@xyflow/react";
import { ConnectionLine } from "./connection-line";
import { NodeCard } from "./node-card";
import { NoteCard } from "./note-card";

export const NODE_TYPES: NodeTypes = { node: NodeCard, note: NoteCard };
export const EDGE_TYPES: EdgeTypes = { connection: ConnectionLine };
