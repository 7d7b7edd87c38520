import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { EstimateLine } from "@/rooms/billing/usage/estimate-line";
import { Button, Dialog, ErrorNotice, Field, Input, Switch } from "@/ui";
import { useNodeTypes } from "../state/node-types";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";
import type { DraftSaver } from "./autosave";

interface PublishDialogProps {
  saver: DraftSaver;
  active: boolean;
  onClose: () => void;
}

/** Makes the draft a version; its triggers start that, if they are to. */
export function PublishDialog({ saver, active, onClose }: PublishDialogProps) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const types = useNodeTypes();
  const queries = useQueryClient();
  const problems = useBuilder((builder) => builder.problems);
  const hasTrigger = useBuilder((builder) =>
    documentOf(builder).nodes.some((node) => {
      const startedBy = types.get(node.type)?.started_by ?? "person";
      return startedBy !== "person" && !node.disabled;
    }),
  );
  const [message, setMessage] = useState("");
  const [starts, setStarts] = useState(hasTrigger);
  const workflowId = store.getState().workflowId;
  const publish = useMutation({
    mutationFn: async () => {
      if (!(await saver.now())) throw new Error(t("notSaved"));
      return body(
        api.POST("/api/v1/workflows/{workflow_id}/publish", {
          params: { path: { workflow_id: workflowId }, header: { "if-match": saver.etag } },
          body: { activate: starts && hasTrigger, ...(message.trim() ? { message: message.trim() } : {}) },
        }),
      );
    },
    onSuccess: async (made) => {
      saver.settle(`"d${made.version}.0"`);
      toast.success(t("published", { version: made.version }));
      await queries.invalidateQueries({ queryKey: ["workflows"], refetchType: "all", predicate: (query) => query.queryKey[2] !== "draft" });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("publish")}
      description={t("publishDetail")}
      footer={
        <Button look="primary" busy={publish.isPending} disabled={problems.length > 0} onClick={() => publish.mutate()}>
          {t("publish")}
        </Button>
      }
    >
      <div className="flex flex-col gap-4 pb-2">
        {problems.length > 0 ? (
          <div role="alert" className="rounded-lg border border-warning/40 bg-warning-soft p-3 text-sm text-warning-text">
            <p className="font-medium">{t("mendFirst", { count: problems.length })}</p>
            <ul className="mt-1 list-disc pl-4">
              {problems.slice(0, 8).map((one) => (
                <li key={one.pointer + one.message}>
                  <ProblemLink pointer={one.pointer} message={one.message} onGo={onClose} />
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        <Field label={t("message")} hint={t("messageHint")}>
          <Input value={message} maxLength={500} onChange={(event) => setMessage(event.target.value)} />
        </Field>
        {hasTrigger ? (
          <div className="flex items-center justify-between gap-3">
            <Field label={t("startTriggers")} hint={active ? t("alreadyActive") : t("startTriggersHint")}>
              <Switch checked={starts || active} disabled={active} onCheckedChange={setStarts} />
            </Field>
          </div>
        ) : null}
        <EstimateLine workflowId={workflowId} />
        {publish.error ? <ErrorNotice error={publish.error} /> : null}
      </div>
    </Dialog>
  );
}

function ProblemLink({ pointer, message, onGo }: { pointer: string; message: string; onGo: () => void }) {
  const store = useBuilderStore();
  const node = documentOf(store.getState()).nodes[Number(/^\/nodes\/(\d+)/.exec(pointer)?.[1] ?? "-1")];
  if (!node) return <>{message}</>;
  return (
    <>
      <button
        type="button"
        className="font-medium underline underline-offset-2"
        onClick={() => {
          onGo();
          store.getState().select({ nodes: [node.id] });
          store.getState().open(node.id);
        }}
      >
        {node.name || node.id}
      </button>
      : {message}
    </>
  );
}
