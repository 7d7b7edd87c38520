import { useReactFlow } from "@xyflow/react";
import { Command } from "cmdk";
import { useTranslations } from "use-intl";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import { nodeTitle } from "../state/document";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";

/** Finds nodes of this workflow by what they are called and what is in them. */
export function NodeSearch({ onClose }: { onClose: () => void }) {
  const t = useTranslations("builder");
  const types = useNodeTypes();
  const store = useBuilderStore();
  const nodes = useBuilder((builder) => documentOf(builder).nodes);
  const flow = useReactFlow();
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label={t("search")}
      overlayClassName="fixed inset-0 z-40 bg-black/25"
      contentClassName="fixed inset-x-3 top-[8dvh] z-50 overflow-hidden rounded-xl border bg-raised shadow-pop sm:inset-x-auto sm:left-1/2 sm:w-[28rem] sm:-translate-x-1/2"
    >
      <Command.Input placeholder={t("search")} className="h-11 w-full border-b bg-transparent px-4 text-sm outline-none placeholder:text-ink-faint" />
      <Command.List className="max-h-[50dvh] overflow-y-auto p-2">
        <Command.Empty className="px-3 py-6 text-center text-sm text-ink-faint">{t("nothingFound")}</Command.Empty>
        {nodes.map((node) => {
          return (
            <Command.Item
              key={node.id}
              value={`${nodeTitle(node, types)} ${node.id} ${JSON.stringify(node.params).slice(0, 2000)}`}
              onSelect={() => {
                onClose();
                store.getState().select({ nodes: [node.id] });
                store.getState().open(node.id);
                void flow.fitView({ nodes: [{ id: node.id }], maxZoom: 1 });
              }}
              className="flex items-center gap-2 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-accent-soft"
            >
              <NodeIcon type={node.type} className="size-4 text-accent-text" />
              {nodeTitle(node, types)}
            </Command.Item>
          );
        })}
      </Command.List>
    </Command.Dialog>
  );
}
