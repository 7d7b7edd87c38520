import { useReactFlow } from "@xyflow/react";
import { Command } from "cmdk";
import { useTranslations } from "use-intl";
import { SearchDialog } from "@/ui/search-dialog";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import { nodeTitle, typeOf } from "../state/document";
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
    <SearchDialog label={t("search")} placeholder={t("search")} nothing={t("nothingFound")} onClose={onClose}>
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
              <NodeIcon icon={typeOf(node, types)?.icon} className="size-4 text-accent-text" />
              {nodeTitle(node, types)}
            </Command.Item>
          );
        })}
    </SearchDialog>
  );
}
