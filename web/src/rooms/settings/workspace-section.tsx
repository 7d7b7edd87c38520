import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { meQuery, useMay, useMe } from "@/api/me";
import { Button, Card, ErrorNotice, Field, Form, Input } from "@/ui";
import { toast } from "@/ui/toast";

export function WorkspaceSection() {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const { workspace } = useMe();
  const may = useMay("workspace:write");
  const [name, setName] = useState(workspace.name);
  const rename = useMutation({
    mutationFn: () => body(api.PUT("/api/v1/workspace", { body: { name: name.trim() } })),
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: meQuery.queryKey }), queries.invalidateQueries({ queryKey: ["workspaces"] })]);
      toast.success(t("renamed"));
    },
  });
  return (
    <Card className="max-w-xl p-5">
      <h2 className="mb-4 font-medium">{t("workspace")}</h2>
      <Form className="flex flex-wrap items-end gap-3" onSubmit={() => rename.mutate()}>
        <Field label={t("workspaceName")} className="min-w-48 flex-1" {...(may ? {} : { hint: t("onlyAdmins") })}>
          <Input value={name} maxLength={200} readOnly={!may} onChange={(event) => setName(event.target.value)} />
        </Field>
        {may ? (
          <Button type="submit" busy={rename.isPending} disabled={!name.trim() || name.trim() === workspace.name}>
            {t("rename")}
          </Button>
        ) : null}
      </Form>
      {rename.error ? <ErrorNotice error={rename.error} /> : null}
    </Card>
  );
}
