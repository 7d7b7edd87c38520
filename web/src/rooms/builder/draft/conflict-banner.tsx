import { useMutation, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button, Moment } from "@/ui";
import { toast } from "@/ui/toast";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";
import type { DraftSaver } from "./autosave";
import { ConflictDialog } from "./conflict-dialog";
import { draftQuery, type Draft } from "./draft-queries";

interface ConflictBannerProps {
  saver: DraftSaver;
  onReload: () => void;
}

/** Said to the second of two who edit: whose is kept is for them to say. */
export function ConflictBanner({ saver, onReload }: ConflictBannerProps) {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const queries = useQueryClient();
  const saving = useBuilder((builder) => builder.saving);
  const [theirs, setTheirs] = useState<Draft | null>(null);
  const look = useMutation({
    mutationFn: () => queries.fetchQuery(draftQuery(store.getState().workflowId)),
    onSuccess: setTheirs,
    onError: toast.failed,
  });
  const keepMine = useMutation({
    mutationFn: async (over: Draft) => {
      saver.settle(over.etag);
      store.getState().set({ saving: "dirty" });
      await saver.now();
    },
    // Somebody may have saved once more: then there is another conflict to look at.
    onSettled: () => setTheirs(null),
  });
  if (saving !== "conflict" && !keepMine.isPending) return null;
  const current = saver.conflict as { updated_by?: { name?: string } | null; updated_at?: string } | null;
  const author = current?.updated_by?.name ?? t("somebody");
  const copyMine = () => navigator.clipboard.writeText(JSON.stringify(documentOf(store.getState()), null, 2));
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2 border-b border-warning/40 bg-warning-soft px-4 py-2 text-sm text-warning-text">
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <span className="min-w-48 flex-1">
        {t("conflict", { author })} {current?.updated_at ? <Moment at={current.updated_at} /> : null}
      </span>
      <Button size="small" onClick={onReload}>
        {t("loadTheirs")}
      </Button>
      <Button size="small" onClick={() => void copyMine()}>
        {t("copyMine")}
      </Button>
      <Button size="small" busy={look.isPending} onClick={() => look.mutate()}>
        {t("compare")}
      </Button>
      {theirs ? (
        <ConflictDialog
          author={author}
          theirs={theirs.document}
          mine={documentOf(store.getState())}
          busy={keepMine.isPending}
          onKeepMine={() => keepMine.mutate(theirs)}
          onClose={() => setTheirs(null)}
        />
      ) : null}
    </div>
  );
}
