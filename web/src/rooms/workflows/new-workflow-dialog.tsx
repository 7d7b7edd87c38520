import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Dialog, ErrorNotice, Field, Form, Input } from "@/ui";

const LARGEST_FILE = 5_000_000;

/** Begins a workflow, empty or from a file. */
export function NewWorkflowDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("workflows");
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [document, setDocument] = useState<Record<string, unknown>>();
  const [wrong, setWrong] = useState<string>();
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/v1/workflow-drafts", { body: { name: name.trim(), ...(document ? { document } : {}) } })),
    onSuccess: (draft) => navigate({ to: "/workflows/$workflowId", params: { workflowId: draft.workflow_id } }),
  });
  const read = async (file: File | undefined) => {
    setWrong(undefined);
    setDocument(undefined);
    if (!file) return;
    try {
      if (file.size > LARGEST_FILE) throw new Error();
      const found: unknown = JSON.parse(await file.text());
      if (typeof found !== "object" || found === null || !Array.isArray((found as { nodes?: unknown }).nodes)) throw new Error();
      setDocument(found as Record<string, unknown>);
      const named = (found as { name?: unknown }).name;
      if (typeof named === "string" && !name) setName(named.slice(0, 200));
    } catch {
      setWrong(t("notAWorkflow"));
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("new")}>
      <Form className="flex flex-col gap-4 pb-2" onSubmit={() => make.mutate()}>
        <Field label={t("name")} required>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={t("fromFile")} hint={t("fromFileHint")} error={wrong}>
          <Input type="file" accept="application/json,.json" className="py-1.5" onChange={(event) => void read(event.target.files?.[0])} />
        </Field>
        {make.error ? <ErrorNotice error={make.error} /> : null}
        <Button type="submit" look="primary" className="self-end" busy={make.isPending} disabled={!name.trim()}>
          {t("create")}
        </Button>
      </Form>
    </Dialog>
  );
}
