import { useStore } from "@xyflow/react";

const FAR = 0.35;

/** Whether the canvas is seen from so far away that small things cannot be told apart. */
export function useIsFar(): boolean {
  return useStore((state) => state.transform[2] < FAR);
}
