import { useTranslations } from "use-intl";
import { Button, Dialog } from "@/ui";
import type { WorkflowDocument } from "../state/document";
import { DifferenceList } from "./difference-list";
import { differences } from "./differences";

interface ConflictDialogProps {
  author: string;
  theirs: WorkflowDocument;
  mine: WorkflowDocument;
  busy: boolean;
  onKeepMine: () => void;
  onClose: () => void;
}

/** Shows what saving mine would undo of theirs, before it does. */
export function ConflictDialog({ author, theirs, mine, busy, onKeepMine, onClose }: ConflictDialogProps) {
  const t = useTranslations("builder");
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={t("keepMineTitle")}
      description={t("keepMineDetail", { author })}
      footer={
        <Button look="danger" busy={busy} onClick={onKeepMine}>
          {t("keepMine")}
        </Button>
      }
    >
      <section aria-label={t("differences")} className="flex flex-col gap-2 text-sm">
        <DifferenceList found={differences(theirs, mine)} />
      </section>
    </Dialog>
  );
}
