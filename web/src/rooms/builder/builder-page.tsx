import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { ReactFlowProvider } from "@xyflow/react";
import { useEffect, useState } from "react";
import { useMay } from "@/api/me";
import { draftQuery, type Draft } from "./draft/draft-queries";
import { DraftSaver } from "./draft/autosave";
import { Workbench } from "./workbench";
import { BuilderProvider, createBuilderStore } from "./state/store";

/** The editor of one workflow. */
export function BuilderPage() {
  const { workflowId } = useParams({ from: "/app/workflows/$workflowId" });
  const draft = useSuspenseQuery(draftQuery(workflowId));
  const [loads, setLoads] = useState(0);
  const reload = async () => {
    await draft.refetch();
    setLoads((count) => count + 1);
  };
  return <Loaded key={`${workflowId}:${loads}`} draft={draft.data} onReload={() => void reload()} />;
}

function Loaded({ draft, onReload }: { draft: Draft; onReload: () => void }) {
  const editable = useMay("workflow:write");
  const { execution, node } = useSearch({ from: "/app/workflows/$workflowId" });
  const [, redraw] = useState(0);
  const [store] = useState(() => createBuilderStore(draft.workflow_id, draft.document, draft.revision, editable));
  const [saver] = useState(() => new DraftSaver(store, draft.etag, () => redraw((count) => count + 1)));
  useEffect(() => {
    store.getState().set({ problems: draft.problems, executionId: execution ?? null, openNode: node ?? null });
    return () => saver.stop();
    // Once: from then on the store is what counts.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [store]);
  return (
    <BuilderProvider value={store}>
      <ReactFlowProvider>
        <Workbench saver={saver} onReload={onReload} />
      </ReactFlowProvider>
    </BuilderProvider>
  );
}
