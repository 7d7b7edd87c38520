import { createContext, useContext } from "react";

interface NodeForm {
  /** The node's type, which lists what can be chosen. */
  type: string;
  params: Record<string, unknown>;
  /** The chosen credentials' ids by slot. */
  credentials: Record<string, string>;
}

const NodeFormContext = createContext<NodeForm | null>(null);
export const NodeFormProvider = NodeFormContext.Provider;

/** The whole form that a field is part of; null where it is none of a node's. */
export function useNodeForm(): NodeForm | null {
  return useContext(NodeFormContext);
}
