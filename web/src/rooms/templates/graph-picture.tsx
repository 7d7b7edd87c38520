import { NODE_HEIGHT, NODE_WIDTH, positionsOf } from "@/rooms/canvas/positions";
import type { WorkflowDocument } from "@/rooms/builder/state/document";

const MARGIN = 20;

/** A small picture of a workflow's nodes and connections. What it shows is said in words beside it. */
export function GraphPicture({ document }: { document: WorkflowDocument }) {
  const positions = positionsOf(document);
  const places = [...positions.values()];
  const left = Math.min(...places.map((at) => at.x)) - MARGIN;
  const top = Math.min(...places.map((at) => at.y)) - MARGIN;
  const width = Math.max(...places.map((at) => at.x)) + NODE_WIDTH + MARGIN - left;
  const height = Math.max(...places.map((at) => at.y)) + NODE_HEIGHT + MARGIN - top;
  return (
    <svg aria-hidden viewBox={`${left} ${top} ${width} ${height}`} className="h-20 w-full rounded-lg bg-sunken">
      {document.connections.map((one, at) => {
        const from = positions.get(one.from);
        const to = positions.get(one.to);
        if (!from || !to) return null;
        const [x, y, u, v] = [from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2, to.x, to.y + NODE_HEIGHT / 2];
        const bend = Math.max(40, Math.abs(u - x) / 2);
        return <path key={at} d={`M${x},${y} C${x + bend},${y} ${u - bend},${v} ${u},${v}`} className="fill-none stroke-line-strong" strokeWidth={6} />;
      })}
      {document.nodes.map((node) => {
        const at = positions.get(node.id);
        return at ? <rect key={node.id} x={at.x} y={at.y} width={NODE_WIDTH} height={NODE_HEIGHT} rx={16} className="fill-surface stroke-accent" strokeWidth={5} /> : null;
      })}
    </svg>
  );
}
