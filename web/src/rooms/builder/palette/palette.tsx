import { Command } from "cmdk";
import { useTranslations } from "use-intl";
import { SearchDialog } from "@/ui/search-dialog";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import type { NodeType } from "../state/document";
import { useNodeTypes } from "../state/node-types";

interface PaletteProps {
  /** Leave out what nothing can lead to. */
  withoutTriggers: boolean;
  onChoose: (type: NodeType) => void;
  onClose: () => void;
}

export const NODE_TYPE_DRAG = "application/x-treadle-node-type";

/** All node types, to search, to choose and to drag. */
export function Palette({ withoutTriggers, onChoose, onClose }: PaletteProps) {
  const t = useTranslations("builder");
  const types = useNodeTypes();
  const categories = new Map<string, NodeType[]>();
  for (const type of types.values()) {
    if (withoutTriggers && type.kind === "trigger") continue;
    categories.set(type.category, [...(categories.get(type.category) ?? []), type]);
  }
  return (
    <SearchDialog label={t("addNode")} placeholder={t("searchNodes")} nothing={t("noSuchNode")} onClose={onClose}>
        {[...categories].map(([category, members]) => (
          <Command.Group key={category} heading={category}>
            {members.map((type) => {
              return (
                <Command.Item
                  key={type.type}
                  value={`${type.title} ${type.type} ${type.summary}`}
                  onSelect={() => onChoose(type)}
                  draggable
                  onDragStart={(event) => {
                    event.dataTransfer.setData(NODE_TYPE_DRAG, type.type);
                    event.dataTransfer.effectAllowed = "copy";
                    // The dialog would be in the way of the drop.
                    setTimeout(onClose, 0);
                  }}
                  className="flex items-center gap-3 rounded-md px-2 py-1.5 data-[selected=true]:bg-accent-soft"
                >
                  <span className="grid size-8 shrink-0 place-items-center rounded-md bg-sunken text-accent-text">
                    <NodeIcon icon={type.icon} className="size-4" />
                  </span>
                  <span className="min-w-0">
                    <span className="block text-sm font-medium">{type.title}</span>
                    <span className="block truncate text-xs text-ink-soft">{type.summary}</span>
                  </span>
                </Command.Item>
              );
            })}
          </Command.Group>
        ))}
    </SearchDialog>
  );
}
