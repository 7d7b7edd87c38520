import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import { Button, Card, Cell, CopyButton, ErrorNotice, Field, Form, HeadCell, Input, ListSkeleton, Moment, Table, useConfirm } from "@/ui";

export function ApiKeysSection() {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const may = useMay("api_key:write");
  const [name, setName] = useState("");
  const keys = useQuery({ queryKey: ["api-keys"], queryFn: () => everything((cursor) => body(api.GET("/api/v1/api-keys", { params: { query: { limit: 200, ...cursor } } }))) });
  const refresh = () => queries.invalidateQueries({ queryKey: ["api-keys"] });
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/v1/api-keys", { body: { name: name.trim() } })),
    onSuccess: () => {
      setName("");
      return refresh();
    },
  });
  const revoke = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/api-keys/{api_key_id}", { params: { path: { api_key_id: id } } }),
    onSettled: refresh,
    onError: toast.failed,
  });
  return (
    <div className="flex flex-col gap-4">
      {may ? (
        <Card className="p-4">
          <Form className="flex flex-wrap items-end gap-3" onSubmit={() => make.mutate()}>
            <Field label={t("keyName")} hint={t("keyHint")} className="min-w-56 flex-1">
              <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
            </Field>
            <Button type="submit" look="primary" busy={make.isPending} disabled={!name.trim()}>
              {t("makeKey")}
            </Button>
          </Form>
          {make.error ? <ErrorNotice error={make.error} /> : null}
          {make.data ? (
            <div role="status" className="mt-3 flex items-center gap-2 rounded-lg bg-success-soft p-3 text-sm text-success-text">
              <span className="min-w-0 flex-1">
                {t("keyOnce")} <code className="block font-mono text-xs break-all">{make.data.api_key}</code>
              </span>
              <CopyButton text={make.data.api_key} />
            </div>
          ) : null}
        </Card>
      ) : null}
      {keys.isPending ? <ListSkeleton rows={3} /> : null}
      {keys.error ? <ErrorNotice error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      {keys.data ? (
        <Table stacks label={t("api-keys")}>
          <thead>
            <tr>
              <HeadCell>{t("name")}</HeadCell>
              <HeadCell>{t("key")}</HeadCell>
              <HeadCell>{t("lastUsed")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {keys.data.items.map((key) => (
              <tr key={key.id}>
                <Cell>{key.name}</Cell>
                <Cell className="font-mono text-xs">{key.prefix}…</Cell>
                <Cell heading={t("lastUsed")}>
                  <Moment at={key.last_used_at} fallback={t("never")} />
                </Cell>
                <Cell className="text-right">
                  {may ? (
                    <Button size="small" look="danger" onClick={() => void confirm({ title: t("revokeTitle", { name: key.name }), detail: t("revokeDetail"), action: t("revoke"), danger: true }).then((yes) => yes && revoke.mutate(key.id))}>
                      {t("revoke")}
                    </Button>
                  ) : null}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
    </div>
  );
}
