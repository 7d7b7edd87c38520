import { Handle, Position, type NodeProps } from "@xyflow/react";
import { Ban, CircleAlert, CircleCheck, CircleX, Clock, LoaderCircle, Pin } from "lucide-react";
import { memo } from "react";
import { useTranslations } from "use-intl";
import { classes } from "@/ui";
import { PADDING, PORT_HEIGHT, type NodeCardNode } from "./flow";
import { NodeIcon } from "./node-icon";

const RINGS: Record<string, string> = {
  running: "border-info ring-2 ring-info/30",
  retrying: "border-warning ring-2 ring-warning/30",
  waiting: "border-info",
  interrupted: "border-warning",
  succeeded: "border-success",
  failed: "border-danger ring-2 ring-danger/25",
};

const MARKS = {
  added: "border-success ring-2 ring-success/30",
  removed: "border-dashed border-danger opacity-70",
  changed: "border-warning ring-2 ring-warning/30",
};
const MARK_LABELS = {
  added: "bg-success-soft text-success-text",
  removed: "bg-danger-soft text-danger-text",
  changed: "bg-warning-soft text-warning-text",
};

/** A node on the canvas. */
export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<NodeCardNode>) {
  const t = useTranslations("canvas");
  const { node, type, title, inputs, outputs, state, mark, problems, editable } = data;
  return (
    <div
      className={classes(
        "relative flex min-h-16 w-50 items-center gap-2.5 rounded-xl border-[1.5px] bg-surface px-3 py-2 shadow-sm transition-shadow",
        type?.kind === "trigger" && "rounded-l-[28px]",
        !type && "border-dashed border-warning",
        state ? RINGS[state.status] : undefined,
        mark ? MARKS[mark] : undefined,
        selected && "outline-2 outline-offset-2 outline-accent",
        node.disabled && "opacity-55",
      )}
      style={{ minHeight: Math.max(inputs.length, outputs.length) * PORT_HEIGHT + PADDING }}
    >
      {inputs.map((port, at) => (
        <Port key={port} kind="target" port={port} at={at} of={inputs.length} editable={editable} />
      ))}
      <span className={classes("grid size-9 shrink-0 place-items-center rounded-lg", type ? "bg-accent-soft text-accent-text" : "bg-warning-soft text-warning-text")}>
        <NodeIcon icon={type?.icon} className="size-5" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate text-[13px] font-medium">{title}</span>
        <span className="node-detail block truncate text-xs text-ink-faint">{type?.title ?? t("missingType", { type: node.type })}</span>
      </span>
      <span className="absolute -top-2.5 right-2 flex gap-1">
        {node.pinned ? <Mark label={t("pinned")} icon={<Pin aria-hidden />} className="bg-accent-soft text-accent-text" /> : null}
        {node.disabled ? <Mark label={t("disabled")} icon={<Ban aria-hidden />} className="bg-sunken text-ink-soft" /> : null}
        {problems > 0 ? (
          <Mark label={t("problems", { count: problems })} icon={<CircleAlert aria-hidden />} className="bg-warning-soft text-warning-text" />
        ) : null}
        {mark ? <span className={classes("rounded-full border px-1.5 text-[11px] font-medium", MARK_LABELS[mark])}>{t(`marks.${mark}`)}</span> : null}
        {state ? <StateMark status={state.status} runs={state.runs} /> : null}
      </span>
      {outputs.map((port, at) => (
        <Port key={port} kind="source" port={port} at={at} of={outputs.length} editable={editable} />
      ))}
    </div>
  );
});

function Mark({ label, icon, className }: { label: string; icon: React.ReactNode; className: string }) {
  return (
    <span role="img" aria-label={label} title={label} className={classes("grid size-5 place-items-center rounded-full border [&_svg]:size-3", className)}>
      {icon}
    </span>
  );
}

function StateMark({ status, runs }: { status: string; runs: number }) {
  const t = useTranslations("ui.status");
  const looks: Record<string, [React.ReactNode, string]> = {
    running: [<LoaderCircle key="i" aria-hidden className="animate-spin" />, "bg-info-soft text-info-text"],
    retrying: [<Clock key="i" aria-hidden />, "bg-warning-soft text-warning-text"],
    waiting: [<Clock key="i" aria-hidden />, "bg-info-soft text-info-text"],
    succeeded: [<CircleCheck key="i" aria-hidden />, "bg-success-soft text-success-text"],
    failed: [<CircleX key="i" aria-hidden />, "bg-danger-soft text-danger-text"],
  };
  const found = looks[status];
  if (!found) return null;
  const named = t.has(status as "running") ? t(status as "running") : status;
  return <Mark label={runs > 1 ? `${named} ×${runs}` : named} icon={found[0]} className={found[1]} />;
}

interface PortProps {
  kind: "source" | "target";
  port: string;
  at: number;
  of: number;
  editable: boolean;
}

function Port({ kind, port, at, of, editable }: PortProps) {
  const top = `${((at + 1) / (of + 1)) * 100}%`;
  return (
    <>
      <Handle
        id={port}
        type={kind}
        position={kind === "source" ? Position.Right : Position.Left}
        isConnectable={editable}
        style={{ top }}
        className="!size-3 !border-2 !border-surface !bg-line-strong hover:!bg-accent"
      />
      {of > 1 ? (
        <span
          className={classes(
            "pointer-events-none absolute -translate-y-1/2 rounded bg-canvas/90 px-1 text-[10px] text-ink-faint",
            kind === "source" ? "left-full ml-2" : "right-full mr-2",
          )}
          style={{ top }}
        >
          {port}
        </span>
      ) : null}
    </>
  );
}
