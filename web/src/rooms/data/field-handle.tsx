import { CornerDownLeft, GripVertical } from "lucide-react";
import { useTranslations } from "use-intl";
import { PATH_TYPE, pathText } from "./paths";

interface FieldHandleProps {
  path: (string | number)[];
  name: string;
  onInsertField: ((path: string) => void) | undefined;
}

/** A field that can be dragged into a parameter, or put there with the button. */
export function FieldHandle({ path, name, onInsertField }: FieldHandleProps) {
  const t = useTranslations("data");
  const text = pathText(path);
  if (!onInsertField) return <span title={text}>{name}</span>;
  return (
    <span
      draggable
      title={text}
      onDragStart={(event) => {
        event.dataTransfer.setData(PATH_TYPE, text);
        event.dataTransfer.setData("text/plain", `{{ ${text} }}`);
        event.dataTransfer.effectAllowed = "copy";
      }}
      className="inline-flex cursor-grab items-center gap-0.5 rounded px-0.5 hover:bg-accent-soft"
    >
      <GripVertical aria-hidden className="size-3 text-ink-faint" />
      {name}
      <button
        type="button"
        aria-label={t("insert", { field: text })}
        onClick={() => onInsertField(text)}
        className="grid size-6 place-items-center rounded text-ink-faint hover:text-accent-text"
      >
        <CornerDownLeft aria-hidden className="size-3" />
      </button>
    </span>
  );
}
