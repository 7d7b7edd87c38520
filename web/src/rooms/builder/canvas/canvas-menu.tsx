import { useReactFlow } from "@xyflow/react";
import { useRef, useState, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import { ContextItem, ContextMenu, ContextSeparator } from "@/ui";
import { ALIGNMENTS } from "../edit/alignment";
import type { AddingAt, Commands } from "../edit/commands";
import type { RunWish } from "../run/use-run";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";

const NOTE = "note:";

interface CanvasMenuProps {
  commands: Commands;
  onAdd: (at: AddingAt) => void;
  onRun: (wish: RunWish) => void;
  children: ReactNode;
}

/** The canvas' menu: of the node under the pointer or with the focus, of the chosen ones, or of the canvas. */
export function CanvasMenu({ commands, onAdd, onRun, children }: CanvasMenuProps) {
  const store = useBuilderStore();
  const flow = useReactFlow();
  const point = useRef({ x: 0, y: 0 });
  const [onNode, setOnNode] = useState(false);
  const look = (event: React.MouseEvent) => {
    point.current = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const id = (event.target as HTMLElement).closest<HTMLElement>(".react-flow__node")?.dataset.id;
    setOnNode(id !== undefined);
    if (id === undefined) return;
    const { selectedNodes, selectedNotes } = store.getState();
    if (id.startsWith(NOTE)) {
      if (!selectedNotes.has(id.slice(NOTE.length))) store.getState().select({ notes: [id.slice(NOTE.length)] });
    } else if (!selectedNodes.has(id)) {
      store.getState().select({ nodes: [id] });
    }
  };
  return (
    <ContextMenu items={onNode ? <ChosenItems commands={commands} onAdd={onAdd} onRun={onRun} /> : <PaneItems commands={commands} onAdd={onAdd} at={() => point.current} />}>
      <div className="size-full" onContextMenuCapture={look}>
        {children}
      </div>
    </ContextMenu>
  );
}

function ChosenItems({ commands, onAdd, onRun }: Omit<CanvasMenuProps, "children">) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const editable = useBuilder((builder) => builder.editable);
  const selected = useBuilder((builder) => builder.selectedNodes);
  const allDisabled = useBuilder((builder) => documentOf(builder).nodes.every((node) => !selected.has(node.id) || node.disabled));
  const [only, another] = selected;
  const single = only !== undefined && another === undefined ? only : null;
  return (
    <>
      {single === null ? null : (
        <>
          <ContextItem keys="Enter" onSelect={() => store.getState().open(single)}>
            {t("openNode")}
          </ContextItem>
          <ContextItem onSelect={() => onRun({ nodeId: single, scope: "node" })}>{t("runNode")}</ContextItem>
          {editable ? (
            <ContextItem keys="A" onSelect={() => onAdd({ after: { nodeId: single, port: null } })}>
              {t("addAfter")}
            </ContextItem>
          ) : null}
          <ContextSeparator />
        </>
      )}
      <ContextItem keys="Mod+C" onSelect={() => void navigator.clipboard.writeText(commands.copyText())}>
        {t("copy")}
      </ContextItem>
      {editable ? (
        <>
          <ContextItem keys="Mod+D" onSelect={commands.duplicate}>
            {t("duplicate")}
          </ContextItem>
          {selected.size > 0 ? (
            <ContextItem keys="D" onSelect={() => commands.toggle("disabled")}>
              {allDisabled ? t("enable") : t("disable")}
            </ContextItem>
          ) : null}
          {selected.size > 1 ? (
            <>
              <ContextSeparator />
              {ALIGNMENTS.map((alignment) => (
                <ContextItem key={alignment} onSelect={() => commands.align(alignment)}>
                  {t(`alignments.${alignment}`)}
                </ContextItem>
              ))}
            </>
          ) : null}
          <ContextSeparator />
          <ContextItem danger keys="Delete" onSelect={commands.remove}>
            {t("delete")}
          </ContextItem>
        </>
      ) : null}
    </>
  );
}

interface PaneItemsProps {
  commands: Commands;
  onAdd: (at: AddingAt) => void;
  at: () => { x: number; y: number };
}

function PaneItems({ commands, onAdd, at }: PaneItemsProps) {
  const t = useTranslations("builder");
  const editable = useBuilder((builder) => builder.editable);
  return (
    <>
      {editable ? (
        <>
          <ContextItem onSelect={() => onAdd({ position: at() })}>{t("addHere")}</ContextItem>
          <ContextItem onSelect={() => commands.addNote(at(), "")}>{t("addNoteHere")}</ContextItem>
          <ContextItem keys="Mod+V" onSelect={() => void navigator.clipboard.readText().then(commands.pasteText)}>
            {t("paste")}
          </ContextItem>
          <ContextItem keys="L" onSelect={commands.arrange}>
            {t("arrange")}
          </ContextItem>
          <ContextSeparator />
        </>
      ) : null}
      <ContextItem keys="Mod+A" onSelect={commands.selectAll}>
        {t("selectAll")}
      </ContextItem>
    </>
  );
}
