import { useReactFlow } from "@xyflow/react";
import { useEffect, type RefObject } from "react";
import { useBuilder } from "../state/store";

const GLIDE_MS = 200;

/** Brings the node whose panel is opened into view, where the panel or the canvas' edge hides it. */
export function useOpenNodeInView(canvas: RefObject<HTMLElement | null>): void {
  const flow = useReactFlow();
  const openNode = useBuilder((builder) => builder.openNode);
  useEffect(() => {
    if (openNode === null) return;
    // The panel takes its room first.
    const frame = requestAnimationFrame(() => {
      const frameOf = canvas.current?.getBoundingClientRect();
      const card = canvas.current?.querySelector(`.react-flow__node[data-id="${CSS.escape(openNode)}"]`)?.getBoundingClientRect();
      const isInView = frameOf && card && card.left >= frameOf.left && card.right <= frameOf.right && card.top >= frameOf.top && card.bottom <= frameOf.bottom;
      if (isInView || !frameOf?.width) return;
      const zoom = flow.getZoom();
      const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      void flow.fitView({ nodes: [{ id: openNode }], minZoom: zoom, maxZoom: zoom, duration: isStill ? 0 : GLIDE_MS });
    });
    return () => cancelAnimationFrame(frame);
  }, [openNode, canvas, flow]);
}
