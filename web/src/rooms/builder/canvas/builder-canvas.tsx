import { Background, Controls, MiniMap, ReactFlow, useReactFlow, type Connection as FlowConnection, type EdgeChange, type NodeChange, type OnConnectEnd } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useCallback, useMemo, useRef, useState, type DragEvent, type MouseEvent } from "react";
import { useTranslations } from "use-intl";
import { ConnectionActionsContext } from "@/rooms/canvas/connection-line";
import { flowEdges, flowNodes, type Drawn, type FlowEdge, type FlowNode, type FlowOptions } from "@/rooms/canvas/flow";
import { EDGE_TYPES, NODE_TYPES } from "@/rooms/canvas/kinds";
import { portsOf } from "@/rooms/canvas/ports";
import { NODE_HEIGHT, NODE_WIDTH, positionsOf } from "@/rooms/canvas/positions";
import { useIsFar } from "@/rooms/canvas/use-is-far";
import type { StepState } from "@/rooms/executions/live";
import { useShownTheme } from "@/shell/theme";
import type { RunWish } from "../run/use-run";
import { CanvasMenu } from "./canvas-menu";
import { useOpenNodeInView } from "./use-open-node-in-view";
import type { AddingAt, Commands } from "../edit/commands";
import { whyNot } from "../edit/operations";
import { NODE_TYPE_DRAG } from "../palette/palette";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilder, useBuilderStore, type DocumentProblem } from "../state/store";
import { typeOf, type WorkflowDocument } from "../state/document";

const GRID: [number, number] = [10, 10];
const MANY_NODES = 150;
const NOTE = "note:";

interface BuilderCanvasProps {
  commands: Commands;
  states: ReadonlyMap<string, StepState>;
  onAdd: (at: AddingAt) => void;
  onRun: (wish: RunWish) => void;
}

/** The canvas on which a workflow is drawn. */
export function BuilderCanvas({ commands, states, onAdd, onRun }: BuilderCanvasProps) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const types = useNodeTypes();
  const theme = useShownTheme();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const isFar = useIsFar();
  const frame = useRef<HTMLDivElement>(null);
  useOpenNodeInView(frame);
  const document = useBuilder(documentOf);
  const selectedNodes = useBuilder((builder) => builder.selectedNodes);
  const selectedConnections = useBuilder((builder) => builder.selectedConnections);
  const selectedNotes = useBuilder((builder) => builder.selectedNotes);
  const problems = useBuilder((builder) => builder.problems);
  const editable = useBuilder((builder) => builder.editable);
  const options = useMemo<FlowOptions>(
    () => ({ types, states, problems: countProblems(document, problems), selectedNodes, selectedConnections, selectedNotes, editable }),
    [types, states, document, problems, selectedNodes, selectedConnections, selectedNotes, editable],
  );
  const [drawn] = useState<Drawn>(() => new Map());
  const nodes = useMemo(() => flowNodes(document, options, drawn), [document, options, drawn]);
  // Edges follow their nodes by themselves: where nodes stand does not change them.
  const { connections, nodes: ends } = document;
  const shape = useMemo(() => ends.map((node) => `${node.id}:${node.type}:${portsOf(node, typeOf(node, types)).outputs.join()}`).join("\n"), [ends, types]);
  const edges = useMemo(
    () => flowEdges(document, options),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [connections, shape, options.types, options.states, options.selectedConnections, options.editable],
  );
  const started = useRef<{ nodeId: string; port: string | null; kind: string | null } | null>(null);

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      const selected = selectionAfter(changes, store.getState().selectedNodes, store.getState().selectedNotes);
      if (selected) store.getState().select({ ...selected, connections: store.getState().selectedConnections });
      const moved = new Map(changes.flatMap((one) => (one.type === "position" && one.position ? [[one.id, one.position] as const] : [])));
      const resized = new Map(changes.flatMap((one) => (one.type === "dimensions" && one.resizing && one.dimensions ? [[one.id, one.dimensions] as const] : [])));
      if (moved.size + resized.size > 0) store.getState().change((before) => placed(before, moved, resized), "move");
    },
    [store],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => {
      const chosen = new Set(store.getState().selectedConnections);
      let changed = false;
      for (const one of changes) {
        if (one.type !== "select") continue;
        changed = true;
        if (one.selected) chosen.add(one.id);
        else chosen.delete(one.id);
      }
      const { selectedNodes: kept, selectedNotes: notes } = store.getState();
      if (changed) store.getState().select({ nodes: kept, notes, connections: chosen });
    },
    [store],
  );
  const onConnect = useCallback(
    (made: FlowConnection) => commands.connect({ from: made.source, to: made.target, from_port: made.sourceHandle, to_port: made.targetHandle }),
    [commands],
  );
  const isValid = useCallback(
    (wanted: FlowConnection | FlowEdge) =>
      whyNot(documentOf(store.getState()), { from: wanted.source, to: wanted.target, from_port: wanted.sourceHandle ?? null, to_port: wanted.targetHandle ?? null }, types) === null,
    [store, types],
  );
  const onConnectEnd = useCallback<OnConnectEnd>(
    (event, state) => {
      const from = started.current;
      started.current = null;
      if (state.toNode || !from) return;
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      if (!point) return;
      const at = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
      const end = { nodeId: from.nodeId, port: from.port };
      if (from.kind === "source") onAdd({ position: { x: at.x, y: at.y - NODE_HEIGHT / 2 }, after: end });
      else onAdd({ position: { x: at.x - NODE_WIDTH, y: at.y - NODE_HEIGHT / 2 }, before: end });
    },
    [flow, onAdd],
  );
  const onDrop = useCallback(
    (event: DragEvent) => {
      const type = types.get(event.dataTransfer.getData(NODE_TYPE_DRAG));
      if (!type || !editable) return;
      event.preventDefault();
      commands.add(type, { position: flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }) });
    },
    [commands, editable, flow, types],
  );
  const onDragStop = useCallback(
    (event: globalThis.MouseEvent | TouchEvent | MouseEvent | TouchEvent, node: FlowNode) => {
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      const under = point && node.type === "node" ? window.document.elementsFromPoint(point.clientX, point.clientY) : [];
      const line = under.map((one) => one.closest<SVGElement>(".react-flow__edge")).find(Boolean);
      if (line?.dataset.id) commands.insertExisting(line.dataset.id, node.id);
      store.getState().settle();
    },
    [commands, store],
  );
  const onDoubleClick = useCallback(
    (event: MouseEvent) => {
      const onPane = (event.target as HTMLElement).classList.contains("react-flow__pane");
      if (onPane && editable) onAdd({ position: flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }) });
    },
    [editable, flow, onAdd],
  );
  const actions = useMemo(
    () => (editable ? { insert: (connection: NonNullable<AddingAt["into"]>) => onAdd({ into: connection }), remove: commands.disconnect } : null),
    [commands, editable, onAdd],
  );
  return (
    // The double click is a short cut: the same is done by the key A and by the button.
    <CanvasMenu commands={commands} onAdd={onAdd} onRun={onRun}>
      <div ref={frame} className="size-full" onDoubleClick={onDoubleClick} onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
        <ConnectionActionsContext value={actions}>
          <ReactFlow<FlowNode, FlowEdge>
            className={isFar ? "canvas-far" : ""}
            nodes={nodes}
            edges={edges}
            nodeTypes={NODE_TYPES}
            edgeTypes={EDGE_TYPES}
            colorMode={theme}
            aria-label={t("canvasLabel")}
            onNodesChange={onNodesChange}
            onEdgesChange={onEdgesChange}
            onConnect={onConnect}
            onConnectStart={(_event, from) => {
              started.current = from.nodeId ? { nodeId: from.nodeId, port: from.handleId, kind: from.handleType } : null;
            }}
            onConnectEnd={onConnectEnd}
            isValidConnection={isValid}
            onNodeDragStop={onDragStop}
            onNodeDoubleClick={(_event, node) => node.type === "node" && store.getState().open(node.id)}
            nodesDraggable={editable}
            nodesConnectable={editable}
            deleteKeyCode={null}
            selectionKeyCode="Shift"
            multiSelectionKeyCode={["Control", "Meta"]}
            zoomOnDoubleClick={false}
            snapToGrid
            snapGrid={GRID}
            onlyRenderVisibleElements={nodes.length > MANY_NODES}
            fitView
            fitViewOptions={{ maxZoom: 1, padding: 0.2 }}
            minZoom={0.05}
            maxZoom={2}
            proOptions={{ hideAttribution: true }}
          >
            <Background gap={20} />
            <Controls showInteractive={false} position="bottom-left" />
            <MiniMap pannable zoomable position="bottom-right" className="!hidden md:!block" ariaLabel={t("minimap")} />
          </ReactFlow>
        </ConnectionActionsContext>
      </div>
    </CanvasMenu>
  );
}

function selectionAfter(changes: NodeChange<FlowNode>[], nodes: ReadonlySet<string>, notes: ReadonlySet<string>) {
  const next = { nodes: new Set(nodes), notes: new Set(notes) };
  let changed = false;
  for (const one of changes) {
    if (one.type !== "select") continue;
    changed = true;
    const isNote = one.id.startsWith(NOTE);
    const kind = isNote ? next.notes : next.nodes;
    const id = isNote ? one.id.slice(NOTE.length) : one.id;
    if (one.selected) kind.add(id);
    else kind.delete(id);
  }
  return changed ? next : null;
}

type Moved = ReadonlyMap<string, { x: number; y: number }>;
type Resized = ReadonlyMap<string, { width: number; height: number }>;

function placed(document: WorkflowDocument, moved: Moved, resized: Resized): WorkflowDocument {
  // Where some were never put anywhere, all are given the places that are shown.
  const shown = positionsOf(document);
  return {
    ...document,
    nodes: document.nodes.map((node) => {
      const position = moved.get(node.id) ?? node.position ?? shown.get(node.id) ?? null;
      return position === node.position ? node : { ...node, position };
    }),
    sticky_notes: document.sticky_notes.map((note) => {
      const at = moved.get(NOTE + note.id);
      const size = resized.get(NOTE + note.id);
      return at || size ? { ...note, ...(at ? { x: at.x, y: at.y } : {}), ...(size ? { width: size.width, height: size.height } : {}) } : note;
    }),
  };
}

function countProblems(document: WorkflowDocument, problems: readonly DocumentProblem[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const problem of problems) {
    const node = document.nodes[Number(/^\/nodes\/(\d+)/.exec(problem.pointer)?.[1] ?? "-1")];
    if (node) counts.set(node.id, (counts.get(node.id) ?? 0) + 1);
  }
  return counts;
}
