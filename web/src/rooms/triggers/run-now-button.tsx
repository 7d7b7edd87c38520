import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useNodeTypes } from "@/rooms/builder/state/node-types";
import { Button } from "@/ui";
import { toast } from "@/ui/toast";
import type { Trigger } from "./trigger-list-page";

/** Starts the published workflow once, as if this trigger had fired, with its type's sample items. */
export function RunNowButton({ trigger }: { trigger: Trigger }) {
  const t = useTranslations("triggers");
  const navigate = useNavigate();
  const sample = useNodeTypes().get(trigger.type)?.sample.outputs?.main ?? [];
  const run = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/workflows/{workflow_id}/run", {
          params: { path: { workflow_id: trigger.workflow_id } },
          body: { source: "version", scope: "to_node", trigger_node_id: trigger.node_id, items: sample as { [key: string]: unknown }[] },
        }),
      ),
    onSuccess: (answer) => {
      const { execution_id } = answer as unknown as { execution_id: string };
      void navigate({ to: "/executions/$executionId", params: { executionId: execution_id } });
    },
    onError: toast.failed,
  });
  return (
    <Button size="small" busy={run.isPending} onClick={() => run.mutate()}>
      <Play aria-hidden />
      {t("runNow")}
    </Button>
  );
}
