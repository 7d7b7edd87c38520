import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, Card, Cell, ErrorNotice, Field, Form, HeadCell, Input, ListSkeleton, Moment, Select, Table } from "@/ui";
import { toast } from "@/ui/toast";
import { BILLING } from "./queries";

const LIMITS = [
  "executions",
  "ai_tokens",
  "api_calls",
  "storage_bytes",
  "active_workflows",
  "members",
  "retention_days",
  "sandbox_memory_mb",
  "timeout_seconds",
  "minimum_poll_seconds",
] as const;

/** What workspaces are granted beyond their plans. */
export function OverridePanel() {
  const t = useTranslations("billing");
  const format = useFormatter();
  const queries = useQueryClient();
  const overrides = useQuery({ queryKey: [BILLING, "overrides"], queryFn: () => body(api.GET("/api/v1/instance/overrides")) });
  const again = () => queries.invalidateQueries({ queryKey: [BILLING, "overrides"] });
  const remove = useMutation({
    mutationFn: (override_id: string) => api.DELETE("/api/v1/instance/overrides/{override_id}", { params: { path: { override_id } } }),
    onSuccess: again,
    onError: (error) => toast.error(error.message),
  });
  if (overrides.isPending) return <ListSkeleton rows={2} />;
  if (overrides.error) return <ErrorNotice error={overrides.error} onRetry={() => void overrides.refetch()} />;
  const text = (value: number | boolean | null) => (value === null ? t("noLimit") : typeof value === "boolean" ? String(value) : format.number(value));
  return (
    <section className="flex flex-col gap-3" aria-label={t("override.title")}>
      <h2 className="font-semibold">{t("override.title")}</h2>
      {overrides.data.items.length > 0 ? (
        <Table label={t("override.title")}>
          <thead>
            <tr>
              <HeadCell>{t("override.workspace")}</HeadCell>
              <HeadCell>{t("override.what")}</HeadCell>
              <HeadCell className="text-right">{t("override.value")}</HeadCell>
              <HeadCell>{t("override.reason")}</HeadCell>
              <HeadCell>{t("override.until")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {overrides.data.items.map((one) => (
              <tr key={one.id}>
                <Cell>{one.workspace_name}</Cell>
                <Cell>{one.name}</Cell>
                <Cell className="text-right tabular-nums">{text(one.value)}</Cell>
                <Cell>{one.reason}</Cell>
                <Cell>
                  <Moment at={one.expires_at} />
                </Cell>
                <Cell className="text-right">
                  <Button size="small" look="danger" onClick={() => remove.mutate(one.id)}>
                    {t("remove")}
                  </Button>
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
      <OverrideForm onMade={() => void again()} />
    </section>
  );
}

function OverrideForm({ onMade }: { onMade: () => void }) {
  const t = useTranslations("billing");
  const [workspace, setWorkspace] = useState("");
  const [name, setName] = useState<(typeof LIMITS)[number]>("executions");
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const add = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/instance/overrides", {
          body: { workspace_id: workspace, name, value: value === "" ? null : Number(value), reason, expires_at: until ? new Date(until).toISOString() : null },
        }),
      ),
    onSuccess: () => {
      setWorkspace("");
      setReason("");
      onMade();
    },
  });
  const at = (pointer: string) => (add.error instanceof Problem ? add.error.at(pointer) : undefined);
  return (
    <Card className="p-5">
      <Form className="flex flex-col gap-4" onSubmit={() => add.mutate()}>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <Field label={t("override.workspaceId")} required error={at("/workspace_id")}>
            <Input value={workspace} onChange={(event) => setWorkspace(event.target.value.trim())} />
          </Field>
          <Field label={t("override.what")} error={at("/name")}>
            <Select value={name} onChange={(event) => setName(event.target.value as (typeof LIMITS)[number])}>
              {LIMITS.map((one) => (
                <option key={one} value={one}>
                  {t(`limitNames.${one}`)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("override.value")} hint={t("override.valueHint")} error={at("/value")}>
            <Input type="number" min={0} value={value} onChange={(event) => setValue(event.target.value)} />
          </Field>
          <Field label={t("override.reason")} required error={at("/reason")}>
            <Input value={reason} onChange={(event) => setReason(event.target.value)} />
          </Field>
          <Field label={t("override.until")} error={at("/expires_at")}>
            <Input type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
          </Field>
        </div>
        {add.error && !(add.error instanceof Problem && add.error.errors.length > 0) ? <ErrorNotice error={add.error} /> : null}
        <Button type="submit" look="primary" className="self-start" busy={add.isPending} disabled={!workspace || !reason}>
          {t("override.grant")}
        </Button>
      </Form>
    </Card>
  );
}
