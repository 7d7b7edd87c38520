import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { Button, Card, ErrorNotice, Field, ListSkeleton, Switch, Textarea } from "@/ui";

type Policy = components["schemas"]["PackagePolicyOut"];

export function PackagesSection() {
  const policy = useQuery({ queryKey: ["package-policy"], queryFn: () => body(api.GET("/api/v1/package-policy")) });
  if (policy.error) return <ErrorNotice error={policy.error} onRetry={() => void policy.refetch()} />;
  return policy.data ? <PolicyForm policy={policy.data} /> : <ListSkeleton rows={3} />;
}

const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function PolicyForm({ policy }: { policy: Policy }) {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const may = useMay("package_policy:write");
  const [allowAll, setAllowAll] = useState(policy.allow === null);
  const [allow, setAllow] = useState((policy.allow ?? []).join("\n"));
  const [deny, setDeny] = useState(policy.deny.join("\n"));
  const [floors, setFloors] = useState(Object.entries(policy.floors).map(([name, version]) => `${name} ${version}`).join("\n"));
  const [builds, setBuilds] = useState(policy.source_builds);
  const save = useMutation({
    mutationFn: () =>
      body(
        api.PUT("/api/v1/package-policy", {
          body: {
            allow: allowAll ? null : lines(allow),
            deny: lines(deny),
            floors: Object.fromEntries(lines(floors).map((line) => line.split(/[\s>=]+/, 2) as [string, string])),
            source_builds: builds,
          },
        }),
      ),
    onSuccess: () => {
      toast.success(t("saved"));
      return queries.invalidateQueries({ queryKey: ["package-policy"] });
    },
  });
  return (
    <Card className="flex max-w-2xl flex-col gap-4 p-5">
      <p className="text-sm text-ink-soft">{t("packagesHint")}</p>
      <Field label={t("allowAll")}>
        <Switch checked={allowAll} disabled={!may} onCheckedChange={setAllowAll} />
      </Field>
      {allowAll ? null : (
        <Field label={t("allowed")}>
          <Textarea rows={4} readOnly={!may} spellCheck={false} value={allow} onChange={(event) => setAllow(event.target.value)} />
        </Field>
      )}
      <Field label={t("denied")}>
        <Textarea rows={3} readOnly={!may} spellCheck={false} value={deny} onChange={(event) => setDeny(event.target.value)} />
      </Field>
      <Field label={t("floors")} hint={t("floorsHint")}>
        <Textarea rows={3} readOnly={!may} spellCheck={false} placeholder="urllib3 2.2" value={floors} onChange={(event) => setFloors(event.target.value)} />
      </Field>
      <Field label={t("sourceBuilds")} hint={t("sourceBuildsHint")}>
        <Switch checked={builds} disabled={!may} onCheckedChange={setBuilds} />
      </Field>
      {save.error ? <ErrorNotice error={save.error} /> : null}
      {may ? (
        <Button look="primary" className="self-start" busy={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
      ) : null}
    </Card>
  );
}
