import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Badge, Button, Dialog, ErrorNotice, Field, Textarea } from "@/ui";
import type { Trigger } from "./trigger-list-page";

/** Sends a real event to a webhook, as a stranger would. */
export function TestEventDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const t = useTranslations("triggers");
  const queries = useQueryClient();
  const [text, setText] = useState('{\n  "hello": "world"\n}');
  const method = trigger.webhook?.method === "ANY" ? "POST" : (trigger.webhook?.method ?? "POST");
  const bodiless = method === "GET" || method === "HEAD";
  const send = useMutation({
    mutationFn: async () => {
      const response = await fetch(new URL(trigger.webhook?.url ?? "", window.location.origin).pathname, {
        method,
        ...(bodiless ? {} : { headers: { "Content-Type": "application/json" }, body: text }),
      });
      return { status: response.status, text: (await response.text()).slice(0, 5000) };
    },
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
            <pre className="max-h-48 overflow-auto rounded-lg bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">{send.data.text}</pre>
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}
