import { createContext, useContext } from "react";
import type { ExpressionContext } from "../expression/preview";

interface PanelData {
  /** What expressions see: the first item that comes in, all that are known, and other nodes'. */
  context: ExpressionContext | null;
  /** Remember which field fields are inserted into: the one that had the focus last. */
  focusField: (insert: (path: string) => void) => void;
}

const PanelDataContext = createContext<PanelData>({ context: null, focusField: () => {} });
export const PanelDataProvider = PanelDataContext.Provider;

export function usePanelData(): PanelData {
  return useContext(PanelDataContext);
}
