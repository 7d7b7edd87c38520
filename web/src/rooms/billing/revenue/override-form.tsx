import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, Card, ErrorNotice, Field, Form, Input, Select } from "@/ui";
import { useNames } from "../names";
import { FEATURES, LIMITS } from "./grants";

/** Grants a workspace a limit or a feature, with the reason why. */
export function OverrideForm() {
  const t = useTranslations("billing.revenue");
  const names = useNames();
  const queries = useQueryClient();
  const [workspace, setWorkspace] = useState("");
  const [name, setName] = useState<string>("executions");
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const [expires, setExpires] = useState("");
  const isSwitch = FEATURES.some((one) => one === name);
  const given = isSwitch ? value !== "off" : value.trim() === "" ? null : Number(value);
  const grant = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/instance/overrides", {
          body: {
            workspace_id: workspace.trim(),
            name,
            value: given,
            reason: reason.trim(),
            ...(expires ? { expires_at: new Date(`${expires}T23:59:59`).toISOString() } : {}),
          },
        }),
      ),
    onSuccess: () => {
      setValue("");
      setReason("");
      setExpires("");
      return queries.invalidateQueries({ queryKey: ["instance", "overrides"] });
    },
  });
  const wrong = (pointer: string) => (grant.error instanceof Problem ? grant.error.at(pointer) : undefined);
  return (
    <Card className="p-4">
      <Form className="grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-3" onSubmit={() => grant.mutate()}>
        <Field label={t("workspaceId")} hint={t("workspaceIdHint")} error={wrong("/workspace_id")}>
          <Input value={workspace} spellCheck={false} className="font-mono text-xs" onChange={(event) => setWorkspace(event.target.value)} />
        </Field>
        <Field label={t("grant")} error={wrong("/name")}>
          <Select
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setValue("");
            }}
          >
            <optgroup label={t("limits")}>
              {LIMITS.map((one) => (
                <option key={one} value={one}>
                  {names.limit(one)}
                </option>
              ))}
            </optgroup>
            <optgroup label={t("features")}>
              {FEATURES.map((one) => (
                <option key={one} value={one}>
                  {names.feature(one)}
                </option>
              ))}
            </optgroup>
          </Select>
        </Field>
        {isSwitch ? (
          <Field label={t("value")} error={wrong("/value")}>
            <Select value={value} onChange={(event) => setValue(event.target.value)}>
              <option value="">{t("on")}</option>
              <option value="off">{t("off")}</option>
            </Select>
          </Field>
        ) : (
          <Field label={t("value")} hint={t("valueHint")} error={wrong("/value")}>
            <Input type="number" min={0} step={1} value={value} onChange={(event) => setValue(event.target.value)} />
          </Field>
        )}
        <Field label={t("reason")} error={wrong("/reason")}>
          <Input value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
        </Field>
        <Field label={t("expires")} hint={t("expiresHint")} error={wrong("/expires_at")}>
          <Input type="date" value={expires} onChange={(event) => setExpires(event.target.value)} />
        </Field>
        <div className="flex flex-col items-start gap-2 lg:pt-[26px]">
          <Button type="submit" look="primary" busy={grant.isPending} disabled={!workspace.trim() || !reason.trim()}>
            {t("grantIt")}
          </Button>
        </div>
        {grant.error ? (
          <div className="sm:col-span-2 lg:col-span-3">
            <ErrorNotice error={grant.error} />
          </div>
        ) : null}
      </Form>
    </Card>
  );
}
