import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, Moment, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { fits } from "@/rooms/canvas/ports";
import type { NodeType, WorkflowNode } from "../state/document";
import { useBuilder } from "../state/store";

/** What a node remembers of earlier runs, where it does that at all. */
export function NodeHistory({ node, type, readOnly }: { node: WorkflowNode; type: NodeType | undefined; readOnly: boolean }) {
  if (!type?.remembers || !fits(type.remembers, node, type)) return null;
  return <Remembered nodeId={node.id} readOnly={readOnly} />;
}

function Remembered({ nodeId, readOnly }: { nodeId: string; readOnly: boolean }) {
  const t = useTranslations("builder");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const workflowId = useBuilder((builder) => builder.workflowId);
  const queryKey = ["workflows", workflowId, "history"];
  const history = useQuery({
    queryKey,
    queryFn: () => body(api.GET("/api/v1/workflows/{workflow_id}/history", { params: { path: { workflow_id: workflowId } } })),
  });
  const clear = useMutation({
    mutationFn: () => api.DELETE("/api/v1/workflows/{workflow_id}/history", { params: { path: { workflow_id: workflowId }, query: { node_id: nodeId } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey }),
    onError: toast.failed,
  });
  if (!history.data) return null;
  const own = history.data.items.find((one) => one.node_id === nodeId);
  const ask = () =>
    void confirm({ title: t("clearHistoryTitle"), detail: t("clearHistoryDetail"), action: t("clearHistory"), danger: true }).then((yes) => yes && clear.mutate());
  return (
    <section aria-label={t("history")} className="flex flex-wrap items-center gap-3 rounded-lg bg-sunken p-3 text-[13px]">
      <div className="min-w-40 flex-1 break-words">
        <p>{own ? t("remembers", { count: own.entries }) : t("remembersNothing")}</p>
        {own?.last === null || own?.last === undefined ? null : <p>{t("lastValue", { value: JSON.stringify(own.last) })}</p>}
        {own ? <Moment at={own.latest_at} /> : null}
      </div>
      {own && !readOnly ? (
        <Button size="small" look="danger" busy={clear.isPending} onClick={ask}>
          {t("clearHistory")}
        </Button>
      ) : null}
    </section>
  );
}
