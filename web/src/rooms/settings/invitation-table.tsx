import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { Button, Cell, ErrorNotice, HeadCell, Moment, Table, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";

export function InvitationTable() {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const invitations = useQuery({
    queryKey: ["invitations"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/invitations", { params: { query: { limit: 200, ...cursor } } }))),
  });
  const withdraw = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/invitations/{invitation_id}", { params: { path: { invitation_id: id } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["invitations"] }),
    onError: toast.failed,
  });
  if (invitations.error) return <ErrorNotice error={invitations.error} onRetry={() => void invitations.refetch()} />;
  if (!invitations.data?.items.length) return null;
  const ask = async (id: string, email: string) => {
    const yes = await confirm({ title: t("withdrawTitle", { email }), detail: t("withdrawDetail"), action: t("withdraw"), danger: true });
    if (yes) withdraw.mutate(id);
  };
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-sm font-medium">{t("invitations")}</h2>
      <Table stacks label={t("invitations")}>
        <thead>
          <tr>
            <HeadCell>{t("inviteEmail")}</HeadCell>
            <HeadCell>{t("role")}</HeadCell>
            <HeadCell>{t("invitedBy")}</HeadCell>
            <HeadCell>{t("expires")}</HeadCell>
            <HeadCell>
              <span className="sr-only">{t("actions")}</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {invitations.data.items.map((one) => (
            <tr key={one.id}>
              <Cell className="max-w-56 truncate">{one.email}</Cell>
              <Cell>{t(`roleNames.${one.role}`)}</Cell>
              <Cell heading={t("invitedBy")}>{one.invited_by ?? "–"}</Cell>
              <Cell heading={t("expires")}>
                <Moment at={one.expires_at} />
              </Cell>
              <Cell className="text-right">
                <Button size="small" look="danger" onClick={() => void ask(one.id, one.email)}>
                  {t("withdraw")}
                </Button>
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
