import { lazy, Suspense, useId, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { PATH_TYPE } from "@/rooms/data/paths";
import { classes, CONTROL, Skeleton } from "@/ui";
import { usePanelData } from "../panel/panel-data";
import { usePreview } from "./preview";

const ExpressionEditor = lazy(() => import("./expression-editor"));
const LONGEST = 300;
const NOTHING_KNOWN = { item: {}, items: [], nodes: {} };

interface ExpressionFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  isTemplate: boolean;
  hint?: string | undefined;
  error?: string | undefined;
  multiline?: boolean;
  readOnly?: boolean;
  required?: boolean;
  description?: string | undefined;
  hideLabel?: boolean;
}

/** An expression or a text with expressions: with what it comes to below. */
export function ExpressionField(props: ExpressionFieldProps) {
  const t = useTranslations("builder");
  const { context, focusField } = usePanelData();
  const found = usePreview(props.value, context ?? NOTHING_KNOWN, props.isTemplate);
  // Without data, that a name is not there says nothing.
  const preview = context === null && found?.error ? null : found;
  const id = useId();
  const insert = useRef<(text: string) => void>(() => {});
  const [over, setOver] = useState(false);
  const put = (path: string) => insert.current(props.isTemplate ? `{{ ${path} }}` : path);
  return (
    <div role="group" aria-label={props.label} className="flex flex-col gap-1">
      <span className={classes("text-[13px] font-medium", props.hideLabel && "sr-only")}>
        {props.label}
        {props.required ? <span className="text-danger-text"> *</span> : null}
      </span>
      <div
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes(PATH_TYPE)) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDropCapture={(event) => {
          const path = event.dataTransfer.getData(PATH_TYPE);
          if (!path) return;
          event.preventDefault();
          event.stopPropagation();
          setOver(false);
          put(path);
        }}
        className={classes(CONTROL, "min-h-9 p-0", over && "border-accent ring-2 ring-accent/40", props.error && "border-danger")}
      >
        <Suspense fallback={<Skeleton className="m-1 h-7" />}>
          <ExpressionEditor
            value={props.value}
            onChange={props.onChange}
            isTemplate={props.isTemplate}
            context={context}
            label={props.label}
            describedBy={`${id}-preview`}
            hint={props.hint}
            multiline={props.multiline ?? false}
            readOnly={props.readOnly ?? false}
            onFocus={() => focusField(put)}
            onReady={(given) => {
              insert.current = given;
            }}
          />
        </Suspense>
      </div>
      <p id={`${id}-preview`} role="status" className={classes("min-h-4 truncate font-mono text-xs", preview?.error ? "text-danger-text" : "text-success-text")}>
        {preview ? (preview.error ? `${preview.error.message}${preview.error.column === null ? "" : ` (${t("column", { column: preview.error.column })})`}` : `= ${textOf(preview.value)}`) : ""}
      </p>
      {props.error ? (
        <p role="alert" className="text-[13px] text-danger-text">
          {props.error}
        </p>
      ) : null}
      {props.description ? <p className="text-[13px] text-ink-faint">{props.description}</p> : null}
    </div>
  );
}

function textOf(value: unknown): string {
  return (JSON.stringify(value) ?? "null").slice(0, LONGEST);
}
