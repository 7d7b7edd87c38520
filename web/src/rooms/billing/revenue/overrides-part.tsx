import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Cell, ErrorNotice, HeadCell, ListSkeleton, Moment, Table, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import type { Override } from "../billing-queries";
import { Day } from "../day";
import { limitText } from "../quantity";
import { CreditsForm } from "./credits-form";
import { OverrideForm } from "./override-form";
import { useGrantName } from "./use-grant-name";

const KEY = ["instance", "overrides"];

/** What workspaces are granted beyond their plans, or short of them. */
export function OverridesPart() {
  const t = useTranslations("billing.revenue");
  const overrides = useQuery({ queryKey: KEY, queryFn: () => body(api.GET("/api/v1/instance/overrides")) });
  return (
    <section aria-label={t("overrides")} className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">{t("overrides")}</h2>
      <p className="text-sm text-ink-soft">{t("overridesHint")}</p>
      <OverrideForm />
      <CreditsForm />
      {overrides.isPending ? <ListSkeleton rows={2} /> : null}
      {overrides.error ? <ErrorNotice error={overrides.error} onRetry={() => void overrides.refetch()} /> : null}
      {overrides.data && overrides.data.items.length > 0 ? (
        <Table stacks label={t("overrides")}>
          <thead>
            <tr>
              <HeadCell>{t("workspace")}</HeadCell>
              <HeadCell>{t("grant")}</HeadCell>
              <HeadCell>{t("value")}</HeadCell>
              <HeadCell>{t("reason")}</HeadCell>
              <HeadCell>{t("granted")}</HeadCell>
              <HeadCell>{t("expires")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{t("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {overrides.data.items.map((one) => (
              <OverrideRow key={one.id} override={one} />
            ))}
          </tbody>
        </Table>
      ) : null}
    </section>
  );
}

function OverrideRow({ override }: { override: Override }) {
  const t = useTranslations("billing.revenue");
  const nameOf = useGrantName();
  const locale = useLocale();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const { value, name, workspace_name: workspace } = override;
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/instance/overrides/{override_id}", { params: { path: { override_id: override.id } } }),
    onError: toast.failed,
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const ask = async () => {
    if (await confirm({ title: t("takeBackTitle", { name: nameOf(name), workspace }), action: t("takeBack"), danger: true })) remove.mutate();
  };
  const shown = typeof value === "number" ? limitText(name, value, locale) : value === null ? t("noLimit") : value ? t("on") : t("off");
  return (
    <tr>
      <Cell className="max-w-48 truncate">{workspace}</Cell>
      <Cell>{nameOf(name)}</Cell>
      <Cell className="tabular-nums">{shown}</Cell>
      <Cell className="max-w-56">{override.reason}</Cell>
      <Cell heading={t("granted")}>
        <Moment at={override.created_at} />
      </Cell>
      <Cell heading={t("expires")}>
        <Day at={override.expires_at} fallback={t("never")} />
      </Cell>
      <Cell className="text-right">
        <Button size="small" look="danger" busy={remove.isPending} aria-label={t("takeBackNamed", { name: nameOf(name), workspace })} onClick={() => void ask()}>
          {t("takeBack")}
        </Button>
      </Cell>
    </tr>
  );
}
