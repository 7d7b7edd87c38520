import { useState } from "react";
import { useTranslations } from "use-intl";
import { readItems } from "@/rooms/data/items-json";
import { Button, Field, Input, Select, Switch, Textarea } from "@/ui";
import type { NodeType, WorkflowNode } from "../state/document";

interface NodeSettingsProps {
  node: WorkflowNode;
  type: NodeType | undefined;
  readOnly: boolean;
  onPatch: (patch: Partial<WorkflowNode>, kind: string) => void;
}

const RETRY = { max_attempts: 3, delay_s: 1, multiplier: 2, max_delay_s: 300 };

/** What every node has beside its parameters: errors, retries, time, notes, pinned data. */
export function NodeSettings({ node, type, readOnly, onPatch }: NodeSettingsProps) {
  const t = useTranslations("builder");
  const retry = node.retry;
  return (
    <fieldset disabled={readOnly} className="flex flex-col gap-4">
      <legend className="sr-only">{t("settings")}</legend>
      <Field label={t("enabled")}>
        <Switch checked={!node.disabled} disabled={readOnly} onCheckedChange={(on) => onPatch({ disabled: !on }, "disabled")} />
      </Field>
      {type?.kind === "trigger" ? null : (
        <>
          <Field label={t("onError")} hint={t("onErrorHint")}>
            <Select value={node.on_error ?? "stop"} onChange={(event) => onPatch({ on_error: event.target.value as NonNullable<WorkflowNode["on_error"]> }, "on_error")}>
              <option value="stop">{t("onErrorStop")}</option>
              <option value="continue">{t("onErrorContinue")}</option>
              <option value="error_port">{t("onErrorPort")}</option>
            </Select>
          </Field>
          <Field label={t("retry")} hint={t("retryHint")}>
            <Switch checked={Boolean(retry)} disabled={readOnly} onCheckedChange={(on) => onPatch({ retry: on ? RETRY : null }, "retry")} />
          </Field>
          {retry ? (
            <div className="grid grid-cols-2 gap-3">
              {(["max_attempts", "delay_s", "multiplier", "max_delay_s"] as const).map((name) => (
                <Field key={name} label={t(name)}>
                  <Input type="number" min={0} step="any" value={retry[name]} onChange={(event) => onPatch({ retry: { ...retry, [name]: Number(event.target.value) } }, "retry")} />
                </Field>
              ))}
            </div>
          ) : null}
          <Field label={t("nodeTimeout")}>
            <Input type="number" min={0} step="any" placeholder={t("unset")} value={node.timeout_s ?? ""} onChange={(event) => onPatch({ timeout_s: event.target.value === "" ? null : Number(event.target.value) }, "timeout_s")} />
          </Field>
        </>
      )}
      <Field label={t("ifEmpty")} hint={t("ifEmptyHint")}>
        <Select value={node.if_empty ?? "stop"} onChange={(event) => onPatch({ if_empty: event.target.value as NonNullable<WorkflowNode["if_empty"]> }, "if_empty")}>
          <option value="stop">{t("ifEmptyStop")}</option>
          <option value="one_empty_item">{t("ifEmptyGoOn")}</option>
        </Select>
      </Field>
      <Field label={t("nodeId")} hint={t("nodeIdHint", { id: node.id })}>
        <Input value={node.id} readOnly />
      </Field>
      <Field label={t("notes")}>
        <Textarea rows={3} maxLength={10_000} value={node.notes ?? ""} onChange={(event) => onPatch({ notes: event.target.value || null }, "notes")} />
      </Field>
    </fieldset>
  );
}

/** Items that stand in for what the node would give, in runs by hand. */
export function PinnedEditor({ node, onPatch }: { node: WorkflowNode; onPatch: (patch: Partial<WorkflowNode>, kind: string) => void }) {
  const t = useTranslations("builder");
  const [text, setText] = useState(() => JSON.stringify(node.pinned ?? [], null, 2));
  const [wrong, setWrong] = useState<string>();
  const keep = () => {
    try {
      const items = readItems(text, t("pinnedShape"));
      setWrong(undefined);
      onPatch({ pinned: items }, "pinned");
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="flex flex-col gap-2 p-3">
      <Field label={t("pinnedItems")} hint={t("pinnedHint")} error={wrong}>
        <Textarea rows={10} spellCheck={false} className="font-mono text-xs" value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      <Button size="small" className="self-start" onClick={keep}>
        {t("keepPinned")}
      </Button>
    </div>
  );
}
