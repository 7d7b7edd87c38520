import { ChevronDown, ChevronUp, Link2, MoreHorizontal, Pencil, Play, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import { namedPorts, portsOf } from "@/rooms/canvas/ports";
import type { StepState } from "@/rooms/executions/live";
import { Button, Card, classes, Dialog, EmptyState, Field, IconButton, Menu, MenuItem, MenuSeparator, Select, StatusBadge } from "@/ui";
import type { AddingAt, Commands } from "../edit/commands";
import { whyNot } from "../edit/operations";
import type { RunWish } from "../run/use-run";
import { nodeTitle, typeOf, type WorkflowNode } from "../state/document";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";
import { inOrder } from "./order";

interface OutlineProps {
  commands: Commands;
  states: ReadonlyMap<string, StepState>;
  onAdd: (at: AddingAt) => void;
  onRun: (wish: RunWish) => void;
}

/** The whole workflow as a list: everything that the canvas can do, by keyboard and screen reader. */
export function Outline({ commands, states, onAdd, onRun }: OutlineProps) {
  const t = useTranslations("builder");
  const tc = useTranslations("canvas");
  const types = useNodeTypes();
  const store = useBuilderStore();
  const document = useBuilder(documentOf);
  const editable = useBuilder((builder) => builder.editable);
  const openNode = useBuilder((builder) => builder.openNode);
  const [connecting, setConnecting] = useState<WorkflowNode | null>(null);
  const titleOf = (id: string) => {
    const node = document.nodes.find((one) => one.id === id);
    return node ? nodeTitle(node, types) : id;
  };
  if (document.nodes.length === 0) {
    return (
      <EmptyState icon={Plus} title={t("emptyTitle")} action={<Button look="primary" onClick={() => onAdd({})}>{t("addNode")}</Button>}>
        {t("emptyHint")}
      </EmptyState>
    );
  }
  return (
    <div className="h-full overflow-y-auto p-4">
      <ol aria-label={t("outline")} className="mx-auto flex max-w-3xl flex-col gap-2">
        {inOrder(document).map(({ node, depth }, at, all) => {
          const state = states.get(node.id);
          const title = nodeTitle(node, types);
          const leads = document.connections.filter((one) => one.from === node.id);
          return (
            <li key={node.id} style={{ marginLeft: Math.min(depth, 6) * 16 }}>
              <Card className={classes("flex flex-wrap items-center gap-2 px-3 py-2", openNode === node.id && "border-accent")}>
                <NodeIcon icon={typeOf(node, types)?.icon} className="size-5 text-accent-text" />
                <button type="button" className="min-w-0 flex-1 rounded text-left" onClick={() => store.getState().open(node.id)}>
                  <span className={classes("block truncate text-sm font-medium", node.disabled && "line-through")}>{title}</span>
                  <span className="block truncate text-xs text-ink-faint">
                    {typeOf(node, types)?.title ?? tc("missingType", { type: node.type })}
                    {leads.length > 0 ? ` → ${leads.map((one) => (one.from_port ? `${one.from_port}: ` : "") + titleOf(one.to)).join(", ")}` : ""}
                  </span>
                </button>
                {state ? <StatusBadge status={state.status} /> : null}
                <IconButton size="small" label={t("runTo", { node: title })} onClick={() => onRun({ nodeId: node.id, scope: "to_node" })}>
                  <Play aria-hidden />
                </IconButton>
                {editable ? (
                  <Menu
                    trigger={
                      <Button size="small" look="ghost" className="w-8 px-0" aria-label={t("actionsFor", { node: title })}>
                        <MoreHorizontal aria-hidden />
                      </Button>
                    }
                  >
                    <MenuItem icon={<Pencil aria-hidden />} onSelect={() => store.getState().open(node.id)}>
                      {t("configure")}
                    </MenuItem>
                    <MenuItem icon={<Plus aria-hidden />} onSelect={() => onAdd({ after: { nodeId: node.id, port: null } })}>
                      {t("addAfter")}
                    </MenuItem>
                    <MenuItem icon={<Link2 aria-hidden />} onSelect={() => setConnecting(node)}>
                      {t("connectTo")}
                    </MenuItem>
                    {leads.map((one) => (
                      <MenuItem key={`${one.from_port}:${one.to}`} onSelect={() => commands.disconnect(one)}>
                        {t("disconnectFrom", { node: titleOf(one.to) })}
                      </MenuItem>
                    ))}
                    <MenuSeparator />
                    <MenuItem icon={<ChevronUp aria-hidden />} disabled={at === 0} onSelect={() => focusItem(at - 1)}>
                      {t("previous", { node: all[at - 1] ? nodeTitle(all[at - 1]?.node as WorkflowNode, types) : "" })}
                    </MenuItem>
                    <MenuItem icon={<ChevronDown aria-hidden />} disabled={at === all.length - 1} onSelect={() => focusItem(at + 1)}>
                      {t("next", { node: all[at + 1] ? nodeTitle(all[at + 1]?.node as WorkflowNode, types) : "" })}
                    </MenuItem>
                    <MenuItem onSelect={() => commands.toggle("disabled", [node.id])}>{node.disabled ? t("enable") : t("disable")}</MenuItem>
                    <MenuItem
                      danger
                      icon={<Trash2 aria-hidden />}
                      onSelect={() => {
                        store.getState().select({ nodes: [node.id] });
                        commands.remove();
                      }}
                    >
                      {t("delete")}
                    </MenuItem>
                  </Menu>
                ) : null}
              </Card>
            </li>
          );
        })}
      </ol>
      {editable ? (
        <div className="mx-auto mt-3 max-w-3xl">
          <Button onClick={() => onAdd({})}>
            <Plus aria-hidden />
            {t("addNode")}
          </Button>
        </div>
      ) : null}
      {connecting ? <ConnectDialog from={connecting} commands={commands} onClose={() => setConnecting(null)} /> : null}
    </div>
  );
}

function focusItem(at: number): void {
  const items = window.document.querySelectorAll<HTMLElement>("ol > li button:first-of-type");
  setTimeout(() => items[at]?.focus(), 0);
}

function ConnectDialog({ from, commands, onClose }: { from: WorkflowNode; commands: Commands; onClose: () => void }) {
  const t = useTranslations("builder");
  const types = useNodeTypes();
  const document = useBuilder(documentOf);
  const outputs = portsOf(from, typeOf(from, types), namedPorts(document, from.id)).outputs;
  const [port, setPort] = useState(outputs[0] ?? "main");
  const possible = document.nodes.filter((node) => whyNot(document, { from: from.id, from_port: port, to: node.id }, types) === null);
  const [target, setTarget] = useState("");
  const to = possible.some((node) => node.id === target) ? target : (possible[0]?.id ?? "");
  const aim = possible.find((node) => node.id === to);
  const inputs = aim ? portsOf(aim, typeOf(aim, types), namedPorts(document, to)).inputs : [];
  const free = inputs.filter((one) => whyNot(document, { from: from.id, from_port: port, to, to_port: one }, types) === null);
  const [wantedInput, setInput] = useState("");
  const input = free.includes(wantedInput) ? wantedInput : (free[0] ?? null);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("connectFrom", { node: nodeTitle(from, types) })}
      footer={
        <Button
          look="primary"
          disabled={!to}
          onClick={() => {
            commands.connect({ from: from.id, from_port: port, to, ...(inputs.length > 1 ? { to_port: input } : {}) });
            onClose();
          }}
        >
          {t("connect")}
        </Button>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        {outputs.length > 1 ? (
          <Field label={t("output")}>
            <Select value={port} onChange={(event) => setPort(event.target.value)}>
              {outputs.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          </Field>
        ) : null}
        <Field label={t("target")}>
          <Select value={to} onChange={(event) => setTarget(event.target.value)}>
            {possible.map((node) => (
              <option key={node.id} value={node.id}>
                {nodeTitle(node, types)}
              </option>
            ))}
          </Select>
        </Field>
        {inputs.length > 1 ? (
          <Field label={t("input")}>
            <Select value={input ?? ""} onChange={(event) => setInput(event.target.value)}>
              {free.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          </Field>
        ) : null}
      </div>
    </Dialog>
  );
}
