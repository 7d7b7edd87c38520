import { useState } from "react";
import { useTranslations } from "use-intl";
import { DataView } from "@/rooms/data/data-view";
import { Card, Select, Tabs } from "@/ui";
import { downloadAddress, fileAddress, stepItems, type ExecutionPreview, type ItemPlace, type Side } from "./execution-queries";
import { FailedItems, failedItems } from "./failed-items";
import type { LogPiece } from "./live";
import { OriginMenu } from "./origin-menu";
import { StepError, StepLogs } from "./step-parts";

interface StepDetailProps {
  execution: ExecutionPreview;
  nodeId: string;
  name: string;
  liveLogs: readonly LogPiece[];
  nameOf: (nodeId: string) => string;
  /** The item that went out which is to be shown first. */
  jump: ItemPlace | null;
  onJump: (place: ItemPlace) => void;
}

/** What came into a step, what went out, and what it printed. */
export function StepDetail({ execution, nodeId, name, liveLogs, nameOf, jump, onJump }: StepDetailProps) {
  const t = useTranslations("executions");
  const runs = execution.steps.filter((step) => step.node_id === nodeId);
  const [chosen, setChosen] = useState<number | null>(jump?.run_index ?? null);
  const [tab, setTab] = useState("output");
  const [shown, setShown] = useState<number | null>(null);
  const step = runs.find((one) => one.run_index === chosen) ?? runs.at(-1);
  const runIndex = step?.run_index ?? 0;
  const load = (which: Side) => (port: string, offset: number, limit: number) =>
    stepItems(execution.id, nodeId, runIndex, which, port, offset, limit);
  if (!step) {
    return <Card className="p-4 text-sm text-ink-faint">{t("didNotRun", { node: name })}</Card>;
  }
  const told = liveLogs.filter((piece) => piece.nodeId === nodeId);
  const logs = step.logs.length > 0 ? step.logs : told;
  const side = (which: Side) => (
    <div className="h-96">
      <DataView
        label={t(which)}
        ports={(which === "input" ? step.input_preview : step.output_preview) ?? {}}
        loadPage={load(which)}
        downloadHref={(port) => downloadAddress(execution.id, nodeId, runIndex, which, port)}
        fileHref={fileAddress(execution.id)}
        itemActions={(port, index) => (
          <OriginMenu executionId={execution.id} side={which} place={{ node_id: nodeId, run_index: runIndex, port, index }} nameOf={nameOf} onJump={onJump} />
        )}
        {...(which === "input" ? { failed: failedItems(step), shown } : {})}
        {...(which === "output" && jump?.run_index === runIndex ? { shown: jump.index, shownPort: jump.port } : {})}
      />
    </div>
  );
  return (
    <Card className="min-w-0 overflow-hidden">
      <header className="flex flex-wrap items-center justify-between gap-2 border-b px-3 py-2">
        <h2 className="font-medium">{name}</h2>
        {runs.length > 1 ? (
          <label className="flex items-center gap-2 text-sm text-ink-soft">
            {t("runOf", { count: runs.length })}
            <Select className="w-24" value={runIndex} onChange={(event) => setChosen(Number(event.target.value))}>
              {runs.map((one) => (
                <option key={one.run_index} value={one.run_index}>
                  {one.run_index + 1}
                </option>
              ))}
            </Select>
          </label>
        ) : null}
      </header>
      {step.error ? (
        <div className="p-3">
          <StepError error={step.error} node={name} />
        </div>
      ) : null}
      {step.items_failed > 0 ? (
        <FailedItems
          step={step}
          onShow={(index) => {
            setShown(index);
            setTab("input");
          }}
        />
      ) : null}
      <Tabs
        label={name}
        value={tab}
        onValueChange={setTab}
        tabs={[
          { value: "output", label: t("output"), content: side("output") },
          { value: "input", label: t("input"), content: side("input") },
          { value: "logs", label: logs.length > 0 ? `${t("logs")} (${logs.length})` : t("logs"), content: <StepLogs logs={logs} /> },
        ]}
      />
    </Card>
  );
}
