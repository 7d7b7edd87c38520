import { useMemo } from "react";
import { ReadOnlyCanvas } from "@/rooms/canvas/read-only-canvas";
import { connectionKey, type WorkflowDocument } from "../state/document";
import type { Difference, Differences } from "./differences";

const NOTHING = new Map<string, never>();

interface DifferenceCanvasProps {
  before: WorkflowDocument;
  after: WorkflowDocument;
  found: Differences;
}

/** Two documents drawn as one: what is new, what has changed, and what is gone where it stood. */
export function DifferenceCanvas({ before, after, found }: DifferenceCanvasProps) {
  const both = useMemo(() => union(before, after), [before, after]);
  const marks = useMemo(() => new Map<string, Difference["kind"]>(found.nodes.map((one) => [one.nodeId, one.kind])), [found]);
  return (
    <div className="h-96 overflow-hidden rounded-lg border">
      <ReadOnlyCanvas document={both} states={NOTHING} marks={marks} selected={null} />
    </div>
  );
}

function union(before: WorkflowDocument, after: WorkflowDocument): WorkflowDocument {
  const ids = new Set(after.nodes.map((node) => node.id));
  const keys = new Set(after.connections.map(connectionKey));
  return {
    ...after,
    nodes: [...after.nodes, ...before.nodes.filter((node) => !ids.has(node.id))],
    connections: [...after.connections, ...before.connections.filter((one) => !keys.has(connectionKey(one)))],
  };
}
