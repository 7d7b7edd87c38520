import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Boxes, Check, ChevronsUpDown, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMe } from "@/api/me";
import { Button, Dialog, ErrorNotice, Field, Input, Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui";

export function WorkspaceMenu() {
  const t = useTranslations("shell");
  const { workspace } = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const workspaces = useQuery({ queryKey: ["workspaces"], queryFn: () => body(api.GET("/api/v1/workspaces")) });
  const change = useMutation({
    mutationFn: (workspace_id: string) => body(api.POST("/api/v1/auth/workspace", { body: { workspace_id } })),
    onSuccess: async () => {
      queries.clear();
      await navigate({ to: "/workflows" });
    },
  });
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button className="w-full justify-between px-2" aria-label={`${t("workspace")}: ${workspace.name}`}>
            <span className="truncate">{workspace.name}</span>
            <ChevronsUpDown aria-hidden />
          </Button>
        }
      >
        <MenuLabel>{t("switchWorkspace")}</MenuLabel>
        {(workspaces.data?.items ?? []).map((one) => (
          <MenuItem
            key={one.id}
            icon={one.id === workspace.id ? <Check aria-hidden /> : <Boxes aria-hidden />}
            onSelect={() => change.mutate(one.id)}
          >
            {one.name}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem icon={<Plus aria-hidden />} onSelect={() => setCreating(true)}>
          {t("newWorkspace")}
        </MenuItem>
      </Menu>
      {creating ? <NewWorkspace onClose={() => setCreating(false)} onMade={(id) => change.mutate(id)} /> : null}
    </>
  );
}

function NewWorkspace({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }) {
  const t = useTranslations("shell");
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/v1/workspaces", { body: { name } })),
    onSuccess: (made) => {
      onClose();
      onMade(made.id);
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("newWorkspace")}>
      <form
        className="flex flex-col gap-4 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Field label={t("workspaceName")} required>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        {make.error ? <ErrorNotice error={make.error} /> : null}
        <Button type="submit" look="primary" busy={make.isPending} disabled={!name.trim()} className="self-end">
          {t("create")}
        </Button>
      </form>
    </Dialog>
  );
}
