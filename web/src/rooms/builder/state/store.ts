import type { Problem } from "@/api/problem";
import { createContext, useContext } from "react";
import { createStore, useStore, type StoreApi } from "zustand";
import { begin, record, redo, settle, undo, type History } from "./history";
import type { WorkflowDocument, WorkflowNode } from "./document";

export interface DocumentProblem {
  /** A JSON pointer into the document, such as `/nodes/2/params/condition`. */
  pointer: string;
  message: string;
}

export type Saving = "saved" | "dirty" | "saving" | "conflict" | "failed" | "refused";

interface BuilderState {
  readonly workflowId: string;
  readonly history: History<WorkflowDocument>;
  readonly selectedNodes: ReadonlySet<string>;
  readonly selectedConnections: ReadonlySet<string>;
  readonly selectedNotes: ReadonlySet<string>;
  /** The node whose panel is open. */
  readonly openNode: string | null;
  /** What the server found wrong with the draft when it was saved last. */
  readonly problems: readonly DocumentProblem[];
  readonly revision: number;
  readonly saving: Saving;
  /** Why the server would not have the draft, where it is `refused`. */
  readonly refusal: Problem | null;
  /** The execution that the canvas shows. */
  readonly executionId: string | null;
  /** Whether the caller may change the workflow. */
  readonly editable: boolean;
}

interface BuilderActions {
  /** Change the document; see `record` for what `kind` does. */
  change: (next: (document: WorkflowDocument) => WorkflowDocument, kind?: string) => void;
  patchNode: (nodeId: string, patch: Partial<WorkflowNode>, kind?: string) => void;
  settle: () => void;
  undo: () => void;
  redo: () => void;
  select: (selection: { nodes?: Iterable<string>; connections?: Iterable<string>; notes?: Iterable<string> }) => void;
  open: (nodeId: string | null) => void;
  set: (patch: Partial<Omit<BuilderState, "workflowId">>) => void;
}

export type Builder = BuilderState & BuilderActions;
export type BuilderStore = StoreApi<Builder>;

export function createBuilderStore(workflowId: string, document: WorkflowDocument, revision: number, editable: boolean): BuilderStore {
  return createStore<Builder>()((set, get) => {
    const setHistory = (history: History<WorkflowDocument>) => {
      if (history === get().history) return;
      const changed = history.present !== get().history.present;
      set({ history, ...(changed && get().saving !== "conflict" ? { saving: "dirty" as const } : {}) });
    };
    return {
      workflowId,
      history: begin(document),
      selectedNodes: new Set(),
      selectedConnections: new Set(),
      selectedNotes: new Set(),
      openNode: null,
      problems: [],
      revision,
      saving: "saved",
      refusal: null,
      executionId: null,
      editable,
      change: (next, kind) => {
        if (get().editable) setHistory(record(get().history, next(get().history.present), kind ?? null));
      },
      patchNode: (nodeId, patch, kind) => {
        get().change(
          (document) => ({
            ...document,
            nodes: document.nodes.map((node) => (node.id === nodeId ? { ...node, ...patch } : node)),
          }),
          kind,
        );
      },
      settle: () => setHistory(settle(get().history)),
      undo: () => setHistory(undo(get().history)),
      redo: () => setHistory(redo(get().history)),
      select: ({ nodes = [], connections = [], notes = [] }) =>
        set({
          selectedNodes: new Set(nodes),
          selectedConnections: new Set(connections),
          selectedNotes: new Set(notes),
        }),
      open: (openNode) => set({ openNode }),
      set: (patch) => set(patch),
    };
  });
}

const BuilderContext = createContext<BuilderStore | null>(null);
export const BuilderProvider = BuilderContext.Provider;

export function useBuilderStore(): BuilderStore {
  const store = useContext(BuilderContext);
  if (!store) throw new Error("This component belongs inside a BuilderProvider.");
  return store;
}

/** A part of the builder's state; the component is drawn again when that part changes. */
export function useBuilder<T>(pick: (builder: Builder) => T): T {
  return useStore(useBuilderStore(), pick);
}

export function useNode(nodeId: string): WorkflowNode | undefined {
  return useBuilder((builder) => builder.history.present.nodes.find((node) => node.id === nodeId));
}

export const documentOf = (builder: Builder): WorkflowDocument => builder.history.present;
