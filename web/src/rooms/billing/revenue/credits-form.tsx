import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, Card, ErrorNotice, Field, Form, Input } from "@/ui";
import { toast } from "@/ui/toast";

/** Gives a workspace prepaid credits, with the reason why. */
export function CreditsForm() {
  const t = useTranslations("billing.revenue");
  const c = useTranslations("billing.credits");
  const [workspace, setWorkspace] = useState("");
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  const [expires, setExpires] = useState("");
  const give = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/instance/credits", {
          body: {
            workspace_id: workspace.trim(),
            amount: Number(amount),
            category: "promotional",
            reason: reason.trim(),
            ...(expires ? { expires_at: new Date(`${expires}T23:59:59`).toISOString() } : {}),
          },
        }),
      ),
    onSuccess: () => {
      setAmount("");
      setReason("");
      setExpires("");
      toast.success(c("given"));
    },
  });
  const wrong = (pointer: string) => (give.error instanceof Problem ? give.error.at(pointer) : undefined);
  return (
    <Card className="p-4">
      <Form className="grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-3" onSubmit={() => give.mutate()}>
        <h3 className="text-sm font-semibold sm:col-span-2 lg:col-span-3">{c("grantTitle")}</h3>
        <Field label={t("workspaceId")} hint={t("workspaceIdHint")} error={wrong("/workspace_id")}>
          <Input value={workspace} spellCheck={false} className="font-mono text-xs" onChange={(event) => setWorkspace(event.target.value)} />
        </Field>
        <Field label={c("amount")} hint={c("amountHint")} error={wrong("/amount")}>
          <Input type="number" min={1} step={1} value={amount} onChange={(event) => setAmount(event.target.value)} />
        </Field>
        <Field label={t("reason")} error={wrong("/reason")}>
          <Input value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Field label={t("expires")} hint={t("expiresHint")} error={wrong("/expires_at")}>
          <Input type="date" value={expires} onChange={(event) => setExpires(event.target.value)} />
        </Field>
        <div className="flex flex-col items-start gap-2 lg:pt-[26px]">
          <Button type="submit" look="primary" busy={give.isPending} disabled={!workspace.trim() || !reason.trim() || !amount}>
            {c("give")}
          </Button>
        </div>
        {give.error ? (
          <div className="sm:col-span-2 lg:col-span-3">
            <ErrorNotice error={give.error} />
          </div>
        ) : null}
      </Form>
    </Card>
  );
}
