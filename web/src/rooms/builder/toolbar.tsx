import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, CloudAlert, CloudCheck, CloudUpload, History, ListTree, MoreHorizontal, Plus, Redo2, Rocket, StickyNote, Undo2, Waypoints, Workflow } from "lucide-react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import type { LiveExecution } from "@/rooms/executions/live";
import { Badge, Button, IconButton, Input, Menu, MenuItem, MenuSeparator, useConfirm } from "@/ui";
import type { DraftSaver } from "./draft/autosave";
import { discardDraft } from "./draft/draft-queries";
import type { Commands } from "./edit/commands";
import { placeFor } from "./edit/operations";
import { RunBar } from "./run/run-bar";
import type { useRun } from "./run/use-run";
import { documentOf, useBuilder, useBuilderStore, type Saving } from "./state/store";

interface ToolbarProps {
  saver: DraftSaver;
  commands: Commands;
  workflow: components["schemas"]["WorkflowOut"] | undefined;
  live: LiveExecution;
  run: ReturnType<typeof useRun>;
  view: "canvas" | "outline";
  onView: (view: "canvas" | "outline") => void;
  onAdd: () => void;
  onPublish: () => void;
  onVersions: () => void;
  onReload: () => void;
}

/** What can be done with the workflow as a whole. */
export function Toolbar(props: ToolbarProps) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const name = useBuilder((builder) => documentOf(builder).name);
  const editable = useBuilder((builder) => builder.editable);
  const canUndo = useBuilder((builder) => builder.history.past.length > 0);
  const canRedo = useBuilder((builder) => builder.history.future.length > 0);
  const { workflow, view } = props;
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-1.5 gap-y-1 border-b bg-surface px-3 py-1.5">
      <Button asChild look="ghost" className="w-9 px-0">
        <Link to="/workflows" aria-label={t("back")}>
          <ArrowLeft aria-hidden />
        </Link>
      </Button>
      <h1 className="sr-only">{name}</h1>
      <Input
        aria-label={t("workflowName")}
        value={name}
        readOnly={!editable}
        maxLength={200}
        onChange={(event) => store.getState().change((document) => ({ ...document, name: event.target.value }), "name")}
        className="h-8 w-40 border-transparent font-medium hover:border-line sm:w-56"
      />
      {workflow?.active ? <Badge tone="success">{t("activeVersion", { number: workflow.active_version ?? 0 })}</Badge> : <Badge>{t("inactive")}</Badge>}
      {editable ? <SavingMark /> : <Badge>{t("readOnly")}</Badge>}
      <span className="flex-1" />
      {editable ? (
        <>
          <IconButton label={t("undo")} keys="Mod+Z" disabled={!canUndo} onClick={() => store.getState().undo()}>
            <Undo2 aria-hidden />
          </IconButton>
          <IconButton label={t("redo")} keys="Mod+Shift+Z" disabled={!canRedo} onClick={() => store.getState().redo()}>
            <Redo2 aria-hidden />
          </IconButton>
          <IconButton label={t("addNode")} keys="A" onClick={props.onAdd}>
            <Plus aria-hidden />
          </IconButton>
        </>
      ) : null}
      <IconButton label={view === "canvas" ? t("showOutline") : t("showCanvas")} keys="O" onClick={() => props.onView(view === "canvas" ? "outline" : "canvas")}>
        {view === "canvas" ? <ListTree aria-hidden /> : <Workflow aria-hidden />}
      </IconButton>
      <IconButton label={t("versions")} onClick={props.onVersions}>
        <History aria-hidden />
      </IconButton>
      {editable ? <MoreMenu {...props} /> : null}
      {editable ? (
        <Button onClick={props.onPublish}>
          <Rocket aria-hidden />
          {t("publish")}
        </Button>
      ) : null}
      <RunBar live={props.live} run={props.run} />
    </header>
  );
}

function MoreMenu({ saver, commands, workflow, onReload }: ToolbarProps) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const { workflowId } = store.getState();
  const deactivate = useMutation({
    mutationFn: () => body(api.POST("/api/v1/workflows/{workflow_id}/deactivate", { params: { path: { workflow_id: workflowId } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["workflows", workflowId], exact: true }),
    onError: toast.failed,
  });
  const discard = async () => {
    if (!(await confirm({ title: t("discardTitle"), detail: t("discardDetail"), action: t("discard"), danger: true }))) return;
    saver.stop();
    await discardDraft(workflowId, saver.etag).catch(toast.failed);
    onReload();
  };
  const exportFile = () => {
    const document = documentOf(store.getState());
    const link = window.document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(document, null, 2)], { type: "application/json" }));
    link.download = `${document.name.replace(/[^\w.-]+/g, "-") || "workflow"}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Menu
      trigger={
        <Button look="ghost" className="w-9 px-0" aria-label={t("more")}>
          <MoreHorizontal aria-hidden />
        </Button>
      }
    >
      <MenuItem icon={<StickyNote aria-hidden />} onSelect={() => commands.addNote(placeFor(documentOf(store.getState()), null), "")}>
        {t("addNote")}
      </MenuItem>
      <MenuItem icon={<Waypoints aria-hidden />} keys="L" onSelect={commands.arrange}>
        {t("arrange")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={exportFile}>{t("export")}</MenuItem>
      {workflow?.active ? <MenuItem onSelect={() => deactivate.mutate()}>{t("deactivate")}</MenuItem> : null}
      {workflow && workflow.version > 0 ? (
        <MenuItem danger onSelect={() => void discard()}>
          {t("discard")}
        </MenuItem>
      ) : null}
    </Menu>
  );
}

const SAVING: Record<Saving, typeof CloudCheck> = { saved: CloudCheck, dirty: CloudUpload, saving: CloudUpload, conflict: CloudAlert, failed: CloudAlert, refused: CloudAlert };

function SavingMark() {
  const t = useTranslations("builder.saving");
  const saving = useBuilder((builder) => builder.saving);
  const Icon = SAVING[saving];
  return (
    <span role="status" className="flex items-center gap-1 text-xs text-ink-faint">
      <Icon aria-hidden className="size-4" />
      <span className="hidden lg:inline">{t(saving)}</span>
      <span className="sr-only lg:hidden">{t(saving)}</span>
    </span>
  );
}
