import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Badge, Button, Dialog, ErrorNotice, Field, Textarea } from "@/ui";
import type { Trigger } from "./trigger-list-page";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Has a real event sent to a webhook, with whatever proves its sender. */
export function TestEventDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const t = useTranslations("triggers");
  const queries = useQueryClient();
  const [text, setText] = useState('{\n  "hello": "world"\n}');
  const listensTo = trigger.webhook?.method ?? "ANY";
  const method = METHODS.find((one) => one === listensTo) ?? "POST";
  const bodiless = method === "GET";
  const send = useMutation({
    mutationFn: () =>
      body(api.POST("/api/v1/triggers/{trigger_id}/test", { params: { path: { trigger_id: trigger.id } }, body: { method, content_type: "application/json", query: "", body: bodiless ? "" : text } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["triggers"] }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("sendTest")}
      description={t("sendTestDetail")}
      footer={
        <Button look="primary" busy={send.isPending} onClick={() => send.mutate()}>
          {t("send")}
        </Button>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        {bodiless ? null : (
          <Field label={t("bodyAsJson")}>
            <Textarea rows={8} spellCheck={false} className="font-mono text-xs" value={text} onChange={(event) => setText(event.target.value)} />
          </Field>
        )}
        {send.error ? <ErrorNotice error={send.error} /> : null}
        {send.data ? (
          <div role="status" className="flex flex-col gap-1">
            <Badge tone={send.data.status < 400 ? "success" : "danger"}>{t("answer", { status: send.data.status })}</Badge>
            <pre className="max-h-48 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">{send.data.body}</pre>
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}
