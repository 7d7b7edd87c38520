import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Badge, Button, classes, Dialog, ListSkeleton, Moment, type Tone } from "@/ui";
import { whole, type WorkflowDocument } from "../state/document";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";
import type { DraftSaver } from "./autosave";
import { differences, type Difference } from "./differences";
import { restoreVersion } from "./draft-queries";

const TONES: Record<Difference["kind"], Tone> = { added: "success", removed: "danger", changed: "warning" };

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
    queryFn: () => body(api.GET("/api/v1/workflows/{workflow_id}/versions", { params: { path, query: { limit: 100 } } })),
  });
  const [chosen, setChosen] = useState<number | null>(null);
  const number = chosen ?? versions.data?.items[0]?.version ?? null;
  const restore = useMutation({
    mutationFn: async (version: number) => {
      await saver.now();
      return restoreVersion(workflowId, version, saver.etag);
    },
    onSuccess: (_draft, version) => {
      toast.success(t("restored", { version }));
      onReload();
      onClose();
    },
    onError: (error) => toast.error(error.message),
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
  const nothing = found.nodes.length === 0 && found.connectionsAdded === 0 && found.connectionsRemoved === 0;
  return (
    <section aria-label={t("differences")} className="flex flex-col gap-2 text-sm">
      <h3 className="font-medium">{t("sinceVersion", { number })}</h3>
      {nothing ? <p className="text-ink-soft">{t("noDifference")}</p> : null}
      {found.connectionsAdded + found.connectionsRemoved > 0 ? (
        <p className="text-ink-soft">{t("connectionsChanged", { added: found.connectionsAdded, removed: found.connectionsRemoved })}</p>
      ) : null}
      <ul className="flex max-h-80 flex-col gap-2 overflow-y-auto">
        {found.nodes.map((one) => (
          <li key={one.nodeId} className="rounded-lg border p-2">
            <span className="flex items-center gap-2">
              <Badge tone={TONES[one.kind]}>{t(one.kind)}</Badge>
              <span className="font-medium">{one.title}</span>
            </span>
            {one.members.map((member) => (
              <div key={member.name} className="mt-1.5 grid gap-1 font-mono text-xs">
                <span className="font-sans text-ink-soft">{member.name}</span>
                <del className="max-h-24 overflow-auto rounded bg-danger-soft px-1.5 py-0.5 whitespace-pre-wrap text-danger-text no-underline">{textOf(member.before)}</del>
                <ins className="max-h-24 overflow-auto rounded bg-success-soft px-1.5 py-0.5 whitespace-pre-wrap text-success-text no-underline">{textOf(member.after)}</ins>
              </div>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
