import { BaseEdge, EdgeLabelRenderer, getBezierPath, type EdgeProps } from "@xyflow/react";
import { Plus, X } from "lucide-react";
import { createContext, memo, useContext } from "react";
import { useTranslations } from "use-intl";
import { classes } from "@/ui";
import type { Connection } from "@/rooms/builder/state/document";
import type { FlowEdge } from "./flow";
import { useIsFar } from "./use-is-far";

interface ConnectionActions {
  insert: (connection: Connection) => void;
  remove: (connection: Connection) => void;
}
export const ConnectionActionsContext = createContext<ConnectionActions | null>(null);

/** A connection, with how many items went through it, and a button to put a node into it. */
export const ConnectionLine = memo(function ConnectionLine(props: EdgeProps<FlowEdge>) {
  const t = useTranslations("canvas");
  const actions = useContext(ConnectionActionsContext);
  const isFar = useIsFar();
  const [path, x, y] = getBezierPath(props);
  const count = props.data?.count;
  const connection = props.data?.connection;
  return (
    <>
      <BaseEdge
        id={props.id}
        path={path}
        interactionWidth={24}
        className={classes("!stroke-line-strong", props.selected && "!stroke-accent", (count ?? 0) > 0 && "!stroke-success")}
        style={{ strokeWidth: props.selected ? 2.5 : 1.75 }}
      />
      {isFar && !props.selected ? null : (
        <EdgeLabelRenderer>
          <div
            className="group pointer-events-auto absolute flex items-center gap-1 p-1"
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {count === undefined ? null : (
              <span className="rounded-full border bg-surface px-1.5 text-[11px] text-ink-soft tabular-nums">{t("itemCount", { count })}</span>
            )}
            {actions && connection ? (
              <span className={classes("flex gap-0.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100", props.selected && "opacity-100")}>
                <EdgeButton label={t("insertHere")} onClick={() => actions.insert(connection)}>
                  <Plus aria-hidden className="size-3" />
                </EdgeButton>
                <EdgeButton label={t("disconnect")} onClick={() => actions.remove(connection)}>
                  <X aria-hidden className="size-3" />
                </EdgeButton>
              </span>
            ) : null}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

function EdgeButton({ label, onClick, children }: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="grid size-6 place-items-center rounded-full border bg-surface text-ink-soft hover:border-accent hover:text-accent-text"
    >
      {children}
    </button>
  );
}
