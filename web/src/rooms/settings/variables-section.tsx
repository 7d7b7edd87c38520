import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { textFromValue, valueFromText } from "@/rooms/builder/forms/json-schema";
import { Button, Card, Cell, ErrorNotice, Field, Form, HeadCell, Input, ListSkeleton, Table } from "@/ui";

type Variable = components["schemas"]["VariableOut"];

export function VariablesSection() {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const may = useMay("variable:write");
  const [editing, setEditing] = useState<Variable | null>(null);
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const variables = useQuery({ queryKey: ["variables"], queryFn: () => everything((cursor) => body(api.GET("/api/v1/variables", { params: { query: { limit: 200, ...cursor } } }))) });
  const refresh = () => queries.invalidateQueries({ queryKey: ["variables"] });
  const clear = () => {
    setEditing(null);
    setName("");
    setText("");
  };
  const save = useMutation({
    mutationFn: () => {
      const given = { name: name.trim(), value: valueFromText(text) };
      return body(editing ? api.PUT("/api/v1/variables/{variable_id}", { params: { path: { variable_id: editing.id } }, body: given }) : api.POST("/api/v1/variables", { body: given }));
    },
    onSuccess: () => {
      clear();
      return refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/variables/{variable_id}", { params: { path: { variable_id: id } } }),
    onSettled: refresh,
    onError: toast.failed,
  });
  return (
    <div className="flex flex-col gap-4">
      {may ? (
        <Card className="p-4">
          <Form className="flex flex-wrap items-end gap-3" onSubmit={() => save.mutate()}>
            <Field label={t("variableName")} className="min-w-40 flex-1">
              <Input value={name} spellCheck={false} onChange={(event) => setName(event.target.value)} />
            </Field>
            <Field label={t("variableValue")} className="min-w-56 flex-[2]">
              <Input value={text} spellCheck={false} onChange={(event) => setText(event.target.value)} />
            </Field>
            <Button type="submit" look="primary" busy={save.isPending} disabled={!name.trim()}>
              {editing ? t("change") : t("add")}
            </Button>
            {editing ? <Button onClick={clear}>{t("cancel")}</Button> : null}
          </Form>
          <p className="mt-2 text-[13px] text-ink-faint">{t("variablesHint")}</p>
          {save.error ? <ErrorNotice error={save.error} /> : null}
        </Card>
      ) : null}
      {variables.isPending ? <ListSkeleton rows={3} /> : null}
      {variables.error ? <ErrorNotice error={variables.error} onRetry={() => void variables.refetch()} /> : null}
      {variables.data && variables.data.items.length > 0 ? (
        <Table stacks label={t("variables")}>
          <thead>
            <tr>
              <HeadCell>{t("name")}</HeadCell>
              <HeadCell>{t("value")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {variables.data.items.map((variable) => (
              <tr key={variable.id}>
                <Cell className="font-mono text-xs">vars.{variable.name}</Cell>
                <Cell className="max-w-96 truncate font-mono text-xs">{JSON.stringify(variable.value)}</Cell>
                <Cell className="text-right whitespace-nowrap">
                  {may ? (
                    <span className="inline-flex gap-2">
                      <Button
                        size="small"
                        onClick={() => {
                          setEditing(variable);
                          setName(variable.name);
                          setText(textFromValue(variable.value));
                        }}
                      >
                        {t("edit")}
                      </Button>
                      <Button size="small" look="danger" onClick={() => remove.mutate(variable.id)}>
                        {t("delete")}
                      </Button>
                    </span>
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
