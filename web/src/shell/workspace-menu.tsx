import { useMutation, useQuery } from "@tanstack/react-query";
import { Boxes, Check, ChevronsUpDown, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMe } from "@/api/me";
import { Button, Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui";
import { toast } from "@/ui/toast";
import { NewWorkspaceDialog } from "./new-workspace-dialog";

/** Which workspace everything here belongs to, and the way into another. */
export function WorkspaceMenu() {
  const t = useTranslations("shell");
  const { workspace } = useMe();
  const [making, setMaking] = useState(false);
  const [open, setOpen] = useState(false);
  const workspaces = useQuery({ queryKey: ["workspaces"], queryFn: () => body(api.GET("/api/v1/workspaces")), enabled: open });
  const enter = useEnterWorkspace();
  return (
    <>
      <Menu
        align="start"
        onOpenChange={setOpen}
        trigger={
          <Button size="small" className="h-9 w-full justify-start gap-2 px-2 text-sm font-normal" title={workspace.name}>
            <Boxes aria-hidden className="text-ink-faint" />
            <span className="sr-only">{t("workspace")}: </span>
            <span className="min-w-0 flex-1 truncate text-left">{workspace.name}</span>
            <ChevronsUpDown aria-hidden className="text-ink-faint" />
          </Button>
        }
      >
        <MenuLabel>{t("workspaces")}</MenuLabel>
        {(workspaces.data?.items ?? [workspace]).map((one) => (
          <MenuItem
            key={one.id}
            icon={one.id === workspace.id ? <Check aria-hidden /> : <Boxes aria-hidden />}
            onSelect={() => (one.id === workspace.id ? undefined : enter.mutate(one.id))}
          >
            {one.name}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem icon={<Plus aria-hidden />} onSelect={() => setMaking(true)}>
          {t("newWorkspace")}
        </MenuItem>
      </Menu>
      {making ? <NewWorkspaceDialog onClose={() => setMaking(false)} onMade={(id) => enter.mutate(id)} /> : null}
    </>
  );
}

function useEnterWorkspace() {
  return useMutation({
    mutationFn: (workspace_id: string) => body(api.POST("/api/v1/auth/workspace", { body: { workspace_id } })),
    // Everything that is loaded is of the other workspace.
    onSuccess: () => window.location.assign("/workflows"),
    onError: toast.failed,
  });
}
