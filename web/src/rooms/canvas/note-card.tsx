import { NodeResizer, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslations } from "use-intl";
import { classes } from "@/ui";
import type { NoteCardNode } from "./flow";

const COLOURS: Record<string, string> = {
  yellow: "bg-warning-soft border-warning/40",
  blue: "bg-info-soft border-info/40",
  green: "bg-success-soft border-success/40",
  pink: "bg-danger-soft border-danger/30",
  gray: "bg-sunken border-line",
};

/** A sticky note; what is in it is text, whatever it looks like. */
export const NoteCard = memo(function NoteCard({ data, selected }: NodeProps<NoteCardNode>) {
  const t = useTranslations("canvas");
  const { note, editable } = data;
  return (
    <div
      role="note"
      aria-label={t("note")}
      className={classes("size-full overflow-auto rounded-lg border p-3 text-[13px] whitespace-pre-wrap text-ink", COLOURS[note.color] ?? COLOURS.yellow)}
    >
      {editable ? <NodeResizer isVisible={selected ?? false} minWidth={80} minHeight={50} /> : null}
      {note.text}
    </div>
  );
});
