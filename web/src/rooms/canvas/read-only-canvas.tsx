import { Background, Controls, ReactFlow, ReactFlowProvider } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useMemo } from "react";
import { useNodeTypes } from "@/rooms/builder/state/node-types";
import type { WorkflowDocument } from "@/rooms/builder/state/document";
import type { StepState } from "@/rooms/executions/live";
import { useShownTheme } from "@/shell/theme";
import { EDGE_TYPES, NODE_TYPES } from "./kinds";
import { flowEdges, flowNodes, type FlowOptions, type NodeMark } from "./flow";

const NOBODY: ReadonlySet<string> = new Set();
const NOTHING: ReadonlyMap<string, number> = new Map();
const NO_MARKS: ReadonlyMap<string, NodeMark> = new Map();

interface ReadOnlyCanvasProps {
  document: WorkflowDocument;
  states: ReadonlyMap<string, StepState>;
  /** How nodes differ from another version. */
  marks?: ReadonlyMap<string, NodeMark>;
  selected: string | null;
  onSelect?: (nodeId: string) => void;
}

/** A workflow as it ran, or beside another version of it. */
export function ReadOnlyCanvas({ document, states, marks = NO_MARKS, selected, onSelect }: ReadOnlyCanvasProps) {
  const types = useNodeTypes();
  const theme = useShownTheme();
  const options = useMemo<FlowOptions>(
    () => ({
      types,
      states,
      marks,
      problems: NOTHING,
      selectedNodes: selected === null ? NOBODY : new Set([selected]),
      selectedConnections: NOBODY,
      selectedNotes: NOBODY,
      editable: false,
    }),
    [types, states, marks, selected],
  );
  const nodes = useMemo(() => flowNodes(document, options), [document, options]);
  const edges = useMemo(() => flowEdges(document, options), [document, options]);
  return (
    <ReactFlowProvider>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        colorMode={theme}
        nodesDraggable={false}
        nodesConnectable={false}
        onNodeClick={(_event, node) => node.type === "node" && onSelect?.(node.id)}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
        minZoom={0.1}
        proOptions={{ hideAttribution: true }}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </ReactFlowProvider>
  );
}
