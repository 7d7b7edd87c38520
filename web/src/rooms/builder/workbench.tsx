import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { useLiveExecution } from "@/rooms/executions/live";
import { Button } from "@/ui";
import { BuilderCanvas } from "./canvas/builder-canvas";
import { useShortcuts } from "./canvas/shortcuts";
import { useAutosave, type DraftSaver } from "./draft/autosave";
import { ConflictBanner } from "./draft/conflict-banner";
import { workflowQuery } from "./draft/draft-queries";
import { PublishDialog } from "./draft/publish-dialog";
import { RefusalBanner } from "./draft/refusal-banner";
import { VersionsDialog } from "./draft/versions-dialog";
import { commandsOf, type AddingAt } from "./edit/commands";
import { Outline } from "./outline/outline";
import { Palette } from "./palette/palette";
import { NodePanel } from "./panel/node-panel";
import { NodeSearch } from "./palette/node-search";
import { useRun, type RunWish } from "./run/use-run";
import { usePin } from "./panel/use-pin";
import { NotePanel } from "./panel/note-panel";
import { useNodeTypes } from "./state/node-types";
import { documentOf, useBuilder, useBuilderStore } from "./state/store";
import { Toolbar } from "./toolbar";

type Dialog = "publish" | "versions" | "search" | null;

/** The editor's parts, put together. */
export function Workbench({ saver, onReload }: { saver: DraftSaver; onReload: () => void }) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const types = useNodeTypes();
  const queries = useQueryClient();
  const commands = useMemo(() => commandsOf(store, types), [store, types]);
  const workflow = useQuery(workflowQuery(store.getState().workflowId));
  const [adding, setAdding] = useState<AddingAt | null>(null);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [view, setView] = useState<"canvas" | "outline">("canvas");
  const executionId = useBuilder((builder) => builder.executionId);
  const live = useLiveExecution(executionId);
  const run = useRun(saver);
  const openNode = useBuilder((builder) => builder.openNode);
  const name = useBuilder((builder) => documentOf(builder).name);
  const isEmpty = useBuilder((builder) => documentOf(builder).nodes.length === 0);
  const editable = useBuilder((builder) => builder.editable);
  useAutosave(saver);
  useEffect(() => {
    document.title = `${name} · Treadle`;
  }, [name]);
  useEffect(() => {
    // What the nodes gave is new once they have run.
    if (live.ended) void queries.invalidateQueries({ queryKey: ["node-data", store.getState().workflowId] });
  }, [live.ended, queries, store]);
  const startRun = run.start.mutate;
  const onRun = useCallback((wish: RunWish) => startRun(wish), [startRun]);
  const onAdd = useCallback((at: AddingAt) => editable && setAdding(at), [editable]);
  const pin = usePin(commands);
  const actions = useMemo(
    () => ({
      addNode: () => {
        const [only] = store.getState().selectedNodes;
        onAdd(only === undefined ? {} : { after: { nodeId: only, port: null } });
      },
      run: () => onRun({}),
      save: () => void saver.now(),
      publish: () => setDialog("publish"),
      search: () => setDialog("search"),
      toggleOutline: () => setView((shown) => (shown === "canvas" ? "outline" : "canvas")),
      rename: () => {
        const [only] = store.getState().selectedNodes;
        const id = only ?? store.getState().openNode;
        if (id === undefined || id === null) return;
        store.getState().open(id);
        requestAnimationFrame(() => {
          const field = document.querySelector<HTMLInputElement>("#node-name");
          field?.focus();
          field?.select();
        });
      },
      pin: () => {
        const [only] = store.getState().selectedNodes;
        const id = only ?? store.getState().openNode;
        if (id !== undefined && id !== null) pin(id);
      },
    }),
    [onAdd, onRun, pin, saver, store],
  );
  useShortcuts(commands, actions);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Toolbar saver={saver} commands={commands} workflow={workflow.data} live={live} run={run} view={view} onView={setView} onAdd={() => actions.addNode()} onPublish={() => setDialog("publish")} onVersions={() => setDialog("versions")} onReload={onReload} />
      <RefusalBanner />
      <ConflictBanner saver={saver} onReload={onReload} />
      <div className="relative flex min-h-0 flex-1">
        <div className="relative min-h-0 min-w-0 flex-1">
          {view === "canvas" ? (
            <BuilderCanvas commands={commands} states={live.steps} onAdd={onAdd} onRun={onRun} />
          ) : (
            <Outline commands={commands} states={live.steps} onAdd={onAdd} onRun={onRun} />
          )}
          {isEmpty && view === "canvas" ? (
            <div className="pointer-events-none absolute inset-0 grid place-items-center">
              <div className="pointer-events-auto flex max-w-sm flex-col items-center gap-2 rounded-xl border border-dashed bg-surface/90 p-6 text-center">
                <p className="font-medium">{t("emptyTitle")}</p>
                <p className="text-sm text-ink-soft">{t("emptyHint")}</p>
                {editable ? (
                  <Button look="primary" onClick={() => onAdd({})}>
                    <Plus aria-hidden />
                    {t("addFirst")}
                  </Button>
                ) : null}
              </div>
            </div>
          ) : null}
        </div>
        {openNode ? (
          <aside className="absolute inset-0 z-20 shadow-pop md:static md:w-[27rem] md:border-l lg:w-[32rem]">
            <NodePanel nodeId={openNode} live={live} commands={commands} onRun={onRun} onClose={() => store.getState().open(null)} />
          </aside>
        ) : (
          <NotePanel />
        )}
      </div>
      {adding ? (
        <Palette
          withoutTriggers={adding.after !== undefined || adding.into !== undefined}
          onClose={() => setAdding(null)}
          onChoose={(type) => {
            const id = commands.add(type, adding);
            setAdding(null);
            store.getState().open(id);
          }}
        />
      ) : null}
      {dialog === "publish" ? <PublishDialog saver={saver} active={workflow.data?.active ?? false} onClose={() => setDialog(null)} /> : null}
      {dialog === "versions" ? <VersionsDialog saver={saver} onClose={() => setDialog(null)} onReload={onReload} /> : null}
      {dialog === "search" ? <NodeSearch onClose={() => setDialog(null)} /> : null}
    </div>
  );
}
