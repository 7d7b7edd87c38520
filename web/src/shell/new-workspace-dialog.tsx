import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Dialog, ErrorNotice, Field, Form, Input } from "@/ui";

interface NewWorkspaceDialogProps {
  onClose: () => void;
  onMade: (id: string) => void;
}

export function NewWorkspaceDialog({ onClose, onMade }: NewWorkspaceDialogProps) {
  const t = useTranslations("shell");
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/v1/workspaces", { body: { name: name.trim() } })),
    onSuccess: (made) => onMade(made.id),
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("newWorkspace")} description={t("newWorkspaceHint")}>
      <Form className="flex flex-col gap-4" onSubmit={() => make.mutate()}>
        <Field label={t("workspaceName")} required>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        {make.error ? <ErrorNotice error={make.error} /> : null}
        <Button type="submit" look="primary" className="self-end" busy={make.isPending || make.isSuccess} disabled={!name.trim()}>
          {t("makeWorkspace")}
        </Button>
      </Form>
    </Dialog>
  );
}
