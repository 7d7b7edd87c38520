import { useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";
import type { DraftSaver } from "./autosave";
import { draftQuery } from "./draft-queries";

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
  if (saving !== "conflict") return null;
  const author = (saver.conflict?.updated_by as { name?: string } | null | undefined)?.name ?? t("somebody");
  const keepMine = async () => {
    const theirs = await queries.fetchQuery(draftQuery(store.getState().workflowId));
    saver.settle(theirs.etag);
    store.getState().set({ saving: "dirty" });
    await saver.now();
  };
  const copyMine = () => navigator.clipboard.writeText(JSON.stringify(documentOf(store.getState()), null, 2));
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2 border-b border-warning/40 bg-warning-soft px-4 py-2 text-sm text-warning-text">
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <span className="min-w-48 flex-1">{t("conflict", { author })}</span>
      <Button size="small" onClick={onReload}>
        {t("loadTheirs")}
      </Button>
      <Button size="small" onClick={() => void copyMine()}>
        {t("copyMine")}
      </Button>
      <Button size="small" look="danger" onClick={() => void keepMine()}>
        {t("keepMine")}
      </Button>
    </div>
  );
}
