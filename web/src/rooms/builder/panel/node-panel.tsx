import { Pin, PinOff, Play, X } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import type { ItemPlace } from "@/rooms/executions/execution-queries";
import type { LiveExecution } from "@/rooms/executions/live";
import { StepError, StepLogs } from "@/rooms/executions/step-parts";
import { Button, IconButton, Input, Tabs } from "@/ui";
import type { Commands } from "../edit/commands";
import type { Schema } from "../forms/json-schema";
import { NodeFormProvider } from "../forms/node-form";
import { SchemaForm } from "../forms/schema-form";
import { PythonParameters } from "../python/python-parameters";
import type { RunWish } from "../run/use-run";
import { isOlder, nodeTitle, typeOf, type NodeType, type WorkflowNode } from "../state/document";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilder, useBuilderStore, useNode } from "../state/store";
import { MissingType } from "./missing-type";
import { useNodeData } from "./node-data";
import { NodeHistory } from "./node-history";
import { chosenCredentials } from "./chosen-credentials";
import { CredentialFields } from "./credential-fields";
import { NodeItems, type Jump } from "./node-items";
import { NodeSettings, PinnedEditor } from "./node-settings";
import { PanelDataProvider } from "./panel-data";
import { SchedulePreview } from "./schedule-preview";
import { WebhookRefusals } from "./webhook-refusals";

interface NodePanelProps {
  nodeId: string;
  live: LiveExecution;
  commands: Commands;
  onRun: (wish: RunWish) => void;
  onClose: () => void;
}

/** Everything about one node: what comes in, its parameters, what goes out. */
export function NodePanel(props: NodePanelProps) {
  const node = useNode(props.nodeId);
  const store = useBuilderStore();
  const [last, setJump] = useState<Jump | null>(null);
  const jump = last?.place.node_id === props.nodeId ? last : null;
  const onJump = (executionId: string, place: ItemPlace) => {
    setJump({ executionId, place });
    store.getState().open(place.node_id);
  };
  const shown = jump ? `${jump.place.run_index}:${jump.place.port}:${jump.place.index}` : "";
  return node ? <Panel key={`${props.nodeId}:${shown}`} node={node} jump={jump} onJump={onJump} {...props} /> : null;
}

interface PanelProps extends NodePanelProps {
  node: WorkflowNode;
  jump: Jump | null;
  onJump: (executionId: string, place: ItemPlace) => void;
}

function Panel({ node, live, commands, jump, onJump, onRun, onClose }: PanelProps) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const types = useNodeTypes();
  const type = typeOf(node, types);
  const editable = useBuilder((builder) => builder.editable);
  const data = useNodeData(node);
  const focused = useRef<((path: string) => void) | null>(null);
  const insert = useCallback((path: string) => focused.current?.(path), []);
  const panelData = {
    context: data.context,
    focusField: (put: (path: string) => void) => {
      focused.current = put;
    },
  };
  const patch = (change: Partial<WorkflowNode>, kind: string) => store.getState().patchNode(node.id, change, `${node.id}:${kind}`);
  const index = useBuilder((builder) => documentOf(builder).nodes.findIndex((one) => one.id === node.id));
  const problems = useBuilder((builder) => builder.problems);
  const problemAt = useCallback((pointer: string) => problems.find((one) => one.pointer === pointer)?.message, [problems]);
  const pointer = `/nodes/${index}/params`;
  const state = live.steps.get(node.id);
  const logs = live.logs.filter((piece) => piece.nodeId === node.id);
  const parameters = (
    <div className="flex flex-col gap-4 p-4">
      {type ? <p className="text-[13px] text-ink-soft">{type.summary}</p> : null}
      <OtherProblems node={`/nodes/${index}`} type={type} />
      <CredentialFields node={node} type={type} pointer={`/nodes/${index}`} problemAt={problemAt} readOnly={!editable} onPatch={patch} />
      <Parameters node={node} type={type} pointer={pointer} problemAt={problemAt} readOnly={!editable} onChange={(params, name) => patch({ params }, name)} />
      {type?.source === "webhook" ? <WebhookRefusals nodeId={node.id} /> : null}
      <NodeHistory node={node} type={type} readOnly={!editable} />
      {type?.keeps_time ? <SchedulePreview type={type.type} params={node.params} /> : null}
    </div>
  );
  const output = (
    <div className="flex h-full min-h-40 flex-col">
      {state?.error ? (
        <div className="p-2">
          <StepError error={{ ...state.error, detail: {} }} />
        </div>
      ) : null}
      <div className="min-h-0 flex-1">
        <NodeItems side="output" nodeId={node.id} data={data} jump={jump} onJump={onJump} />
      </div>
    </div>
  );
  const input = (
    <div className="h-full min-h-40">
      <NodeItems side="input" nodeId={node.id} data={data} jump={null} onJump={onJump} {...(editable ? { onInsertField: insert } : {})} />
    </div>
  );
  return (
    <PanelDataProvider value={panelData}>
      <section aria-label={t("panelOf", { node: nodeTitle(node, types) })} className="flex h-full min-h-0 flex-col bg-surface">
        <header className="flex shrink-0 items-center gap-2 border-b px-3 py-2">
          <span className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent-text">
            <NodeIcon icon={type?.icon} className="size-4" />
          </span>
          <Input
            key={node.name}
            id="node-name"
            aria-label={t("nodeName")}
            defaultValue={nodeTitle(node, types)}
            readOnly={!editable}
            onBlur={(event) => event.target.value !== nodeTitle(node, types) && commands.rename(node.id, event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
            className="h-8 min-w-0 flex-1 border-transparent font-medium"
          />
          {editable && !type?.is_loop ? (
            <IconButton
              size="small"
              keys="P"
              label={node.pinned ? t("unpin") : t("pin")}
              aria-pressed={Boolean(node.pinned)}
              disabled={!node.pinned && Object.keys(data.output).length === 0}
              onClick={() => commands.togglePin(node.id, Object.values(data.output)[0]?.items ?? null)}
            >
              {node.pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
            </IconButton>
          ) : null}
          <Button size="small" look="primary" onClick={() => onRun({ nodeId: node.id, scope: "node" })}>
            <Play aria-hidden />
            {t("runNode")}
          </Button>
          <IconButton size="small" label={t("closePanel")} keys="Escape" onClick={onClose}>
            <X aria-hidden />
          </IconButton>
        </header>
        <div className="min-h-0 flex-[3] overflow-hidden">
          <Tabs
            className="h-full"
            label={t("parts")}
            tabs={[
              { value: "parameters", label: t("parameters"), content: parameters },
              {
                value: "settings",
                label: t("settings"),
                content: (
                  <div className="p-4">
                    <NodeSettings node={node} type={type} readOnly={!editable} onPatch={patch} />
                  </div>
                ),
              },
            ]}
          />
        </div>
        <div className="min-h-0 flex-[2] border-t">
          <DataTabs
            first={jump ? "output" : "input"}
            tabs={[
              { value: "input", label: t("input"), content: input },
              { value: "output", label: node.pinned ? t("outputPinned") : t("output"), content: output },
              ...(node.pinned && editable ? [{ value: "pinned", label: t("editPinned"), content: <PinnedEditor key={JSON.stringify(node.pinned).length} node={node} onPatch={patch} /> }] : []),
              { value: "logs", label: t("logs"), content: <StepLogs logs={logs} /> },
            ]}
          />
        </div>
      </section>
    </PanelDataProvider>
  );
}

interface ParametersProps {
  node: WorkflowNode;
  type: NodeType | undefined;
  pointer: string;
  problemAt: (pointer: string) => string | undefined;
  readOnly: boolean;
  onChange: (params: WorkflowNode["params"], name: string) => void;
}

/** The form of a node's parameters, as its type has it; code has one of its own. */
function Parameters({ node, type, ...form }: ParametersProps) {
  if (!type || isOlder(node, type)) return <MissingType node={node} />;
  const credentials = chosenCredentials(node, type);
  if (type.in_sandbox) return <PythonParameters node={node} credentials={credentials} {...form} />;
  return (
    <NodeFormProvider value={{ type: node.type, params: node.params, credentials }}>
      <SchemaForm schema={type.params_schema as Schema} values={node.params} {...form} />
    </NodeFormProvider>
  );
}

/** What is wrong with the node and told at none of its fields. */
function OtherProblems({ node, type }: { node: string; type: NodeType | undefined }) {
  const problems = useBuilder((builder) => builder.problems);
  return problems
    .filter((one) => (one.pointer === node || one.pointer.startsWith(`${node}/`)) && !isBesideField(one.pointer, node, type))
    .map((one) => (
      <p key={one.pointer + one.message} role="alert" className="rounded-lg bg-danger-soft p-2 text-[13px] text-danger-text">
        {one.message}
      </p>
    ));
}

/** Whether a problem is told at the field that it is about. */
function isBesideField(pointer: string, node: string, type: NodeType | undefined): boolean {
  const slots = type?.credentials ?? [];
  const credentials = slots.map((slot) => `${node}/credentials/${slot.name}`);
  return pointer.startsWith(`${node}/params/`) || credentials.includes(pointer) || (slots.length > 0 && pointer === `${node}/credential_id`);
}

function DataTabs({ first, tabs }: { first: string; tabs: { value: string; label: string; content: React.ReactNode }[] }) {
  const t = useTranslations("builder");
  const [value, setValue] = useState(first);
  return <Tabs className="h-full" label={t("data")} value={tabs.some((tab) => tab.value === value) ? value : "output"} onValueChange={setValue} tabs={tabs} />;
}
