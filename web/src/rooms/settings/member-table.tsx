import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { meQuery, useMay, useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { Badge, Button, Cell, ErrorNotice, HeadCell, ListSkeleton, Moment, Select, Table, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { rolesToGive, type Role } from "./roles";

type Member = components["schemas"]["MemberOut"];

export function MemberTable() {
  const t = useTranslations("settings");
  const members = useQuery({ queryKey: ["members"], queryFn: () => body(api.GET("/api/v1/members")) });
  if (members.isPending) return <ListSkeleton rows={3} />;
  if (members.error) return <ErrorNotice error={members.error} onRetry={() => void members.refetch()} />;
  return (
    <Table stacks label={t("members")}>
      <thead>
        <tr>
          <HeadCell>{t("member")}</HeadCell>
          <HeadCell>{t("role")}</HeadCell>
          <HeadCell>{t("joined")}</HeadCell>
          <HeadCell>
            <span className="sr-only">{t("actions")}</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {members.data.items.map((member) => (
          <MemberRow key={member.user_id} member={member} />
        ))}
      </tbody>
    </Table>
  );
}

function MemberRow({ member }: { member: Member }) {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const { user, workspace } = useMe();
  const confirm = useConfirm();
  const manages = useMay("member:write");
  const self = member.user_id === user.id;
  const mayChange = manages && rolesToGive(workspace.role).includes(member.role);
  const path = { user_id: member.user_id };
  const refresh = () => queries.invalidateQueries({ queryKey: ["members"] });
  const change = useMutation({
    mutationFn: (role: Role) => body(api.PUT("/api/v1/members/{user_id}", { params: { path }, body: { role } })),
    onSuccess: async () => {
      if (self) await queries.invalidateQueries({ queryKey: meQuery.queryKey });
      toast.success(t("roleChanged", { name: member.name }));
    },
    onError: toast.failed,
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/members/{user_id}", { params: { path } }),
    // Whoever leaves is signed out of here.
    onSuccess: () => (self ? window.location.assign("/login") : refresh()),
    onError: toast.failed,
  });
  const restore = useMutation({
    mutationFn: () => body(api.POST("/api/v1/members/{user_id}/restore", { params: { path } })),
    onSuccess: () => toast.success(t("restored", { name: member.name })),
    onError: toast.failed,
    onSettled: refresh,
  });
  const ask = async () => {
    const yes = await confirm(
      self
        ? { title: t("leaveTitle"), detail: t("leaveDetail"), action: t("leave"), danger: true }
        : { title: t("removeTitle", { name: member.name }), detail: t("removeDetail"), action: t("remove"), danger: true },
    );
    if (yes) remove.mutate();
  };
  return (
    <tr>
      <Cell className="max-w-64">
        <span className="block truncate">
          {member.name}
          {self ? <span className="text-ink-faint"> ({t("you")})</span> : null}
          {member.suspended_at !== null ? (
            <>
              {" "}
              <Badge tone="warning">{t("suspended")}</Badge>
            </>
          ) : null}
        </span>
        <span className="block truncate text-xs text-ink-faint">{member.email}</span>
      </Cell>
      <Cell>
        {mayChange ? (
          <Select
            className="min-w-40"
            aria-label={t("roleOf", { name: member.name })}
            value={member.role}
            disabled={change.isPending}
            onChange={(event) => change.mutate(event.target.value as Role)}
          >
            {rolesToGive(workspace.role).map((role) => (
              <option key={role} value={role}>
                {t(`roleNames.${role}`)}
              </option>
            ))}
          </Select>
        ) : (
          t(`roleNames.${member.role}`)
        )}
      </Cell>
      <Cell heading={t("joined")}>
        <Moment at={member.joined_at} />
      </Cell>
      <Cell className="text-right">
        {member.suspended_at !== null && mayChange ? (
          <Button size="small" className="mr-2" busy={restore.isPending} onClick={() => restore.mutate()}>
            {t("restore")}
          </Button>
        ) : null}
        {self || mayChange ? (
          <Button size="small" look="danger" busy={remove.isPending} onClick={() => void ask()}>
            {self ? t("leave") : t("remove")}
          </Button>
        ) : null}
      </Cell>
    </tr>
  );
}
