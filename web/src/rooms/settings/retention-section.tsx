import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { ErrorNotice, ListSkeleton, Moment, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { RetentionForm } from "./retention-form";

export type Retention = components["schemas"]["RetentionIn"];

/** The server counts no further. */
const COUNTED = 10_000;

export function RetentionSection() {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const may = useMay("workspace:write");
  const retention = useQuery({ queryKey: ["retention"], queryFn: () => body(api.GET("/api/v1/workspace/retention")) });
  const save = useMutation({
    mutationFn: (wish: Retention) => body(api.PUT("/api/v1/workspace/retention", { body: wish })),
    onSuccess: (saved) => {
      queries.setQueryData(["retention"], saved);
      toast.success(t("saved"));
    },
  });
  if (retention.isPending) return <ListSkeleton rows={2} />;
  if (retention.error) return <ErrorNotice error={retention.error} onRetry={() => void retention.refetch()} />;
  const ask = async (wish: Retention) => {
    const deletes = wish.days !== null || typeof wish.failed_days === "number";
    if (deletes && !(await confirm({ title: t("retentionConfirm"), detail: t("retentionConfirmDetail"), action: t("retentionAction"), danger: true }))) return;
    save.mutate(wish);
  };
  const { days, failed_days, executions, oldest_at } = retention.data;
  return (
    <div className="flex max-w-xl flex-col gap-4">
      <p className="text-sm text-ink-soft">{t("retentionHint")}</p>
      <RetentionForm key={`${days}/${failed_days}`} saved={{ days, failed_days }} readOnly={!may} busy={save.isPending} onSave={(wish) => void ask(wish)} />
      {save.error ? <ErrorNotice error={save.error} /> : null}
      <p className="text-sm text-ink-soft">
        {executions > COUNTED ? t("keptMany") : t("kept", { count: executions })}{" "}
        {oldest_at ? (
          <>
            {t("oldest")} <Moment at={oldest_at} />.
          </>
        ) : null}
      </p>
    </div>
  );
}
