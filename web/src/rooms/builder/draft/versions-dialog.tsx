import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { Badge, Button, classes, Dialog, ListSkeleton, Moment, Tabs } from "@/ui";
import { whole, type WorkflowDocument } from "../state/document";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";
import type { DraftSaver } from "./autosave";
import { DifferenceCanvas } from "./difference-canvas";
import { DifferenceList } from "./difference-list";
import { differences } from "./differences";
import { restoreVersion } from "./draft-queries";

interface VersionsDialogProps {
  saver: DraftSaver;
  onClose: () => void;
  onReload: () => void;
}

/** What was published, each beside the draft; any of them can be had back. */
export function VersionsDialog({ saver, onClose, onReload }: VersionsDialogProps) {
  const t = useTranslations("builder");
  const workflowId = useBuilderStore().getState().workflowId;
  const editable = useBuilder((builder) => builder.editable);
  const path = { workflow_id: workflowId };
  const versions = useQuery({
    queryKey: ["workflows", workflowId, "versions"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/workflows/{workflow_id}/versions", { params: { path, query: { limit: 200, ...cursor } } }))),
  });
  const [chosen, setChosen] = useState<number | null>(null);
  const number = chosen ?? versions.data?.items[0]?.version ?? null;
  const restore = useMutation({
    mutationFn: async (version: number) => {
      if (!(await saver.now())) throw new Error(t("notSaved"));
      return restoreVersion(workflowId, version, saver.etag);
    },
    onSuccess: (_draft, version) => {
      toast.success(t("restored", { version }));
      onReload();
      onClose();
    },
    onError: toast.failed,
  });
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={t("versions")} description={t("versionsDetail")}>
      {versions.isPending ? <ListSkeleton rows={3} /> : null}
      {versions.data?.items.length === 0 ? <p className="py-6 text-center text-sm text-ink-faint">{t("noVersions")}</p> : null}
      <div className="grid gap-4 pb-3 sm:grid-cols-[240px_1fr]">
        <ol aria-label={t("versions")} className="flex max-h-96 flex-col gap-1 overflow-y-auto">
          {versions.data?.items.map((one) => (
            <li key={one.version}>
              <button
                type="button"
                aria-current={one.version === number || undefined}
                onClick={() => setChosen(one.version)}
                className={classes("w-full rounded-lg border px-3 py-2 text-left text-sm", one.version === number ? "border-accent bg-accent-soft" : "hover:bg-sunken")}
              >
                <span className="flex items-center justify-between gap-2 font-medium">
                  {t("version", { number: one.version })}
                  {one.active ? <Badge tone="success">{t("active")}</Badge> : null}
                </span>
                {one.message ? <span className="block truncate">{one.message}</span> : null}
                <span className="block text-xs text-ink-soft">
                  {one.created_by_name ?? ""} · <Moment at={one.created_at} />
                </span>
              </button>
            </li>
          ))}
        </ol>
        {number === null ? null : (
          <div className="flex min-w-0 flex-col gap-3">
            <VersionDifferences workflowId={workflowId} number={number} />
            {editable ? (
              <Button className="self-start" busy={restore.isPending} onClick={() => restore.mutate(number)}>
                {t("restore", { number })}
              </Button>
            ) : null}
          </div>
        )}
      </div>
    </Dialog>
  );
}

function VersionDifferences({ workflowId, number }: { workflowId: string; number: number }) {
  const t = useTranslations("builder");
  const draft = useBuilder(documentOf);
  const version = useQuery({
    queryKey: ["workflows", workflowId, "versions", number],
    queryFn: () => body(api.GET("/api/v1/workflows/{workflow_id}/versions/{number}", { params: { path: { workflow_id: workflowId, number } } })),
    staleTime: Infinity,
  });
  if (!version.data) return <ListSkeleton rows={3} />;
  const then = whole(version.data.workflow as unknown as WorkflowDocument);
  const found = differences(then, draft);
  return (
    <section aria-label={t("differences")} className="flex flex-col gap-2 text-sm">
      <h3 className="font-medium">{t("sinceVersion", { number })}</h3>
      <Tabs
        label={t("differences")}
        tabs={[
          { value: "list", label: t("asList"), content: <div className="flex flex-col gap-2 pt-2"><DifferenceList found={found} /></div> },
          { value: "canvas", label: t("onCanvas"), content: <div className="pt-2"><DifferenceCanvas before={then} after={draft} found={found} /></div> },
        ]}
      />
    </section>
  );
}
