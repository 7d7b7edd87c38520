import { Trash2 } from "lucide-react";
import { useTranslations } from "use-intl";
import { Field, IconButton, Select, Textarea } from "@/ui";
import { NOTE_COLOURS, type StickyNote } from "../state/document";
import { documentOf, useBuilder, useBuilderStore } from "../state/store";

/** Edits the one sticky note that is chosen. */
export function NotePanel() {
  const t = useTranslations("builder");
  const store = useBuilderStore();
  const editable = useBuilder((builder) => builder.editable);
  const note = useBuilder((builder) => {
    const [only, ...others] = builder.selectedNotes;
    return only !== undefined && others.length === 0 && builder.selectedNodes.size === 0 ? documentOf(builder).sticky_notes.find((one) => one.id === only) : undefined;
  });
  if (!note || !editable) return null;
  const change = (patch: Partial<StickyNote>) =>
    store.getState().change(
      (document) => ({ ...document, sticky_notes: document.sticky_notes.map((one) => (one.id === note.id ? { ...one, ...patch } : one)) }),
      `note:${note.id}`,
    );
  return (
    <aside aria-label={t("note")} className="absolute top-3 right-3 z-10 flex w-72 flex-col gap-3 rounded-xl border bg-raised p-3 shadow-pop">
      <Field
        label={t("note")}
        aside={
          <IconButton
            size="small"
            label={t("delete")}
            onClick={() => {
              store.getState().change((document) => ({ ...document, sticky_notes: document.sticky_notes.filter((one) => one.id !== note.id) }));
              store.getState().select({});
            }}
          >
            <Trash2 aria-hidden />
          </IconButton>
        }
      >
        <Textarea rows={5} maxLength={10_000} value={note.text} onChange={(event) => change({ text: event.target.value })} />
      </Field>
      <Field label={t("noteColour")}>
        <Select value={note.color} onChange={(event) => change({ color: event.target.value as StickyNote["color"] })}>
          {NOTE_COLOURS.map((colour) => (
            <option key={colour} value={colour}>
              {t(`colours.${colour}`)}
            </option>
          ))}
        </Select>
      </Field>
    </aside>
  );
}
