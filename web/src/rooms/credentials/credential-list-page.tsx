import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { Button, Card, EmptyState, ErrorNotice, ListSkeleton, Moment, Page, useConfirm } from "@/ui";
import { ConnectButtons } from "./connect-buttons";
import { ConnectionFacts } from "./connection-facts";
import { CredentialDialog } from "./credential-dialog";
import { CredentialUses, usesQuery } from "./credential-uses";

export type Credential = components["schemas"]["CredentialOut"];

export function CredentialListPage() {
  const t = useTranslations("credentials");
  const may = useMay("credential:write");
  const credentials = useQuery({ queryKey: ["credentials"], queryFn: () => everything((cursor) => body(api.GET("/api/v1/credentials", { params: { query: { limit: 200, ...cursor } } }))) });
  const types = useQuery({ queryKey: ["credential-types"], queryFn: () => body(api.GET("/api/v1/credential-types")), staleTime: Infinity });
  const [chosen, setEditing] = useState<Credential | "new" | null>(null);
  // Whoever comes from a node finds the form open, with the host that the node calls.
  const search = useSearch({ from: "/app/credentials" });
  const navigate = useNavigate();
  const asked = search.new !== undefined ? "new" : credentials.data?.items.find((one) => one.id === search.edit);
  const editing = chosen ?? (may ? asked : undefined) ?? null;
  const close = () => {
    setEditing(null);
    void navigate({ to: "/credentials", search: {}, replace: true });
  };
  return (
    <Page
      title={t("title")}
      summary={t("summary")}
      actions={
        may ? (
          <Button look="primary" onClick={() => setEditing("new")}>
            <Plus aria-hidden />
            {t("new")}
          </Button>
        ) : null
      }
    >
      {credentials.error ? <ErrorNotice error={credentials.error} onRetry={() => void credentials.refetch()} /> : null}
      {credentials.isPending ? <ListSkeleton /> : null}
      {credentials.data?.items.length === 0 ? (
        <EmptyState
          icon={KeyRound}
          title={t("none")}
          action={
            may ? (
              <Button look="primary" onClick={() => setEditing("new")}>
                {t("new")}
              </Button>
            ) : null
          }
        >
          {t("noneHint")}
        </EmptyState>
      ) : null}
      <ul aria-label={t("title")} className="flex flex-col gap-2">
        {credentials.data?.items.map((credential) => (
          <li key={credential.id}>
            <CredentialCard credential={credential} type={types.data?.items.find((one) => one.type === credential.type)} may={may} onEdit={() => setEditing(credential)} />
          </li>
        ))}
      </ul>
      {editing && types.data ? <CredentialDialog credential={editing === "new" ? null : editing} types={types.data.items} begin={search.new} host={chosen ? undefined : search.host} onClose={close} /> : null}
    </Page>
  );
}

interface CredentialCardProps {
  credential: Credential;
  type: components["schemas"]["CredentialTypeOut"] | undefined;
  may: boolean;
  onEdit: () => void;
}

function CredentialCard({ credential, type, may, onEdit }: CredentialCardProps) {
  const t = useTranslations("credentials");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const path = { params: { path: { credential_id: credential.id } } };
  const test = useMutation({
    mutationFn: () => body(api.POST("/api/v1/credentials/{credential_id}/test", path)),
    onSuccess: (found) => (found.ok ? toast.success(found.message) : toast.error(found.message)),
    onError: toast.failed,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/credentials/{credential_id}", path),
    onSettled: () => queries.invalidateQueries({ queryKey: ["credentials"] }),
    onError: toast.failed,
  });
  const ask = async () => {
    const { items } = await queries.fetchQuery(usesQuery(credential.id));
    const detail = items.length > 0 ? t("deleteUsed", { count: items.length, names: items.slice(0, 5).map((one) => one.workflow_name).join(", ") }) : t("deleteDetail");
    if (await confirm({ title: t("deleteTitle", { name: credential.name }), detail, action: t("delete"), danger: true })) remove.mutate();
  };
  return (
    <Card className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-48 flex-1">
        <h2 className="font-medium">{credential.name}</h2>
        <p className="text-xs text-ink-faint">
          {type?.title ?? credential.type} · {t("lastUsed")} <Moment at={credential.last_used_at} fallback={t("never")} />
          {credential.allowed_hosts.length > 0 ? ` · ${credential.allowed_hosts.join(", ")}` : ""}
        </p>
        {credential.is_available ? null : <p className="text-xs text-danger-text">{t("typeGone", { type: credential.type })}</p>}
        {type?.hosts_required && credential.allowed_hosts.length === 0 ? <p className="text-xs text-danger-text">{t("noHosts")}</p> : null}
        {credential.oauth ? <ConnectionFacts connection={credential.oauth} /> : null}
        <CredentialUses credentialId={credential.id} />
      </div>
      {may ? (
        <div className="flex flex-wrap gap-2">
          {credential.oauth ? <ConnectButtons credential={credential} connection={credential.oauth} /> : null}
          {credential.is_available ? (
            <>
              <Button size="small" busy={test.isPending} onClick={() => test.mutate()}>
                {t("test")}
              </Button>
              <Button size="small" onClick={onEdit}>
                {t("edit")}
              </Button>
            </>
          ) : null}
          <Button size="small" look="danger" onClick={() => void ask()}>
            {t("delete")}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
