import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { DataView } from "@/rooms/data/data-view";
import { downloadAddress, fileAddress, stepItems, type ItemPlace, type Side } from "@/rooms/executions/execution-queries";
import { OriginMenu } from "@/rooms/executions/origin-menu";
import { nodeTitle } from "../state/document";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilder } from "../state/store";
import type { NodeData } from "./node-data";

/** An item that somebody wants to see, and in which execution it is. */
export interface Jump {
  executionId: string;
  place: ItemPlace;
}

interface NodeItemsProps {
  side: Side;
  nodeId: string;
  data: NodeData;
  /** The item that went out which is to be shown first. */
  jump: Jump | null;
  onJump: (executionId: string, place: ItemPlace) => void;
  onInsertField?: (path: string) => void;
}

/** What came into a node or went out of it when it ran last, with the ways to the items before. */
export function NodeItems({ side, nodeId, data, jump, onJump, onInsertField }: NodeItemsProps) {
  const t = useTranslations("builder");
  const types = useNodeTypes();
  const nodes = useBuilder((builder) => documentOf(builder).nodes);
  const nameOf = (id: string) => {
    const found = nodes.find((one) => one.id === id);
    return found ? nodeTitle(found, types) : id;
  };
  // What is pinned is of no execution, and what a node would get has not come in yet.
  const ran = side === "output" ? !data.pinned : data.inputRan;
  const executionId = ran ? data.executionId : null;
  const isThere = jump !== null && jump.executionId === executionId && jump.place.run_index === data.runIndex;
  return (
    <div className="flex h-full flex-col">
      {jump && data.executionId && !isThere ? (
        <p role="status" className="shrink-0 px-3 py-1.5 text-xs text-ink-soft">
          {t("itemElsewhere", { index: jump.place.index })}{" "}
          <Link to="/executions/$executionId" params={{ executionId: jump.executionId }} search={{ node: nodeId }} className="text-accent-text underline">
            {t("openItsExecution")}
          </Link>
        </p>
      ) : null}
      <div className="min-h-0 flex-1">
        <DataView
          label={t(side)}
          ports={side === "input" ? data.input : data.output}
          empty={t(side === "input" ? "noInput" : "noOutput")}
          {...(executionId
            ? {
                loadPage: (port: string, offset: number, limit: number) => stepItems(executionId, nodeId, data.runIndex, side, port, offset, limit),
                downloadHref: (port: string) => downloadAddress(executionId, nodeId, data.runIndex, side, port),
                fileHref: fileAddress(executionId),
                itemActions: (port: string, index: number) => (
                  <OriginMenu executionId={executionId} side={side} place={{ node_id: nodeId, run_index: data.runIndex, port, index }} nameOf={nameOf} onJump={(place) => onJump(executionId, place)} />
                ),
              }
            : {})}
          {...(isThere ? { shown: jump.place.index, shownPort: jump.place.port } : {})}
          {...(onInsertField ? { onInsertField } : {})}
        />
      </div>
    </div>
  );
}
