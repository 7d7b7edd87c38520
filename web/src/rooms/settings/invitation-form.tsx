import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMe } from "@/api/me";
import { Button, Card, CopyButton, ErrorNotice, Field, Form, Input, Select } from "@/ui";
import { rolesToGive, type Role } from "./roles";

export function InvitationForm() {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const { workspace } = useMe();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const invite = useMutation({
    mutationFn: () => body(api.POST("/api/v1/invitations", { body: { email: email.trim(), role } })),
    onSuccess: () => {
      setEmail("");
      return queries.invalidateQueries({ queryKey: ["invitations"] });
    },
  });
  return (
    <Card className="p-4">
      <Form className="flex flex-wrap items-end gap-3" onSubmit={() => invite.mutate()}>
        <Field label={t("inviteEmail")} className="min-w-56 flex-1">
          <Input type="email" value={email} maxLength={254} onChange={(event) => setEmail(event.target.value)} />
        </Field>
        <Field label={t("inviteRole")} className="min-w-0 flex-1 basis-56">
          <Select value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {rolesToGive(workspace.role).map((one) => (
              <option key={one} value={one}>
                {`${t(`roleNames.${one}`)}: ${t(`rolesHelp.${one}`)}`}
              </option>
            ))}
          </Select>
        </Field>
        <Button type="submit" look="primary" busy={invite.isPending} disabled={!email.trim()}>
          {t("invite")}
        </Button>
      </Form>
      {invite.error ? <ErrorNotice error={invite.error} /> : null}
      {invite.data ? (
        <div role="status" className="mt-3 flex items-center gap-2 rounded-lg bg-success-soft p-3 text-sm text-success-text">
          <span className="min-w-0 flex-1">
            {t("inviteOnce", { email: invite.data.email })} <code className="block font-mono text-xs break-all">{invite.data.url}</code>
          </span>
          <CopyButton text={invite.data.url} />
        </div>
      ) : null}
    </Card>
  );
}
