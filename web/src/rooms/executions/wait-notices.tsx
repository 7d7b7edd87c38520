import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { Button, CopyButton, Dialog, ErrorNotice, Field, Moment, Notice, Textarea } from "@/ui";

type Wait = components["schemas"]["WaitOut"];

interface WaitNoticesProps {
  executionId: string;
  /** Look again when it changes. */
  steps: number;
  nameOf: (nodeId: string) => string;
}

/** On the page of an execution: the calls that it waits for, with their addresses. */
export function WaitNotices({ executionId, steps, nameOf }: WaitNoticesProps) {
  const waits = useQuery({
    queryKey: ["executions", executionId, "waits", steps],
    queryFn: () => body(api.GET("/api/v1/executions/{execution_id}/waits", { params: { path: { execution_id: executionId } } })),
  });
  return waits.data?.items.map((wait) => <WaitNotice key={`${wait.node_id}.${wait.run_index}`} executionId={executionId} wait={wait} name={nameOf(wait.node_id)} />);
}

function WaitNotice({ executionId, wait, name }: { executionId: string; wait: Wait; name: string }) {
  const t = useTranslations("executions");
  const may = useMay("workflow:execute");
  const [continuing, setContinuing] = useState(false);
  const actions = may ? (
    <>
      {wait.asks && wait.url ? (
        <Button asChild size="small">
          <a href={wait.url} target="_blank" rel="noreferrer">
            <ExternalLink aria-hidden />
            {t("openWaitPage")}
          </a>
        </Button>
      ) : null}
      <Button size="small" onClick={() => setContinuing(true)}>
        {t("continueByHand")}
      </Button>
    </>
  ) : undefined;
  return (
    <Notice tone="info" title={wait.run_index === 0 ? t("waitsForCall", { name }) : t("waitsForCallInRound", { name, round: wait.run_index + 1 })} actions={actions}>
      <p>
        {t("waitsSince")} <Moment at={wait.since} />
        {wait.until ? (
          <>
            {" · "}
            {t("waitsUntil")} <Moment at={wait.until} />
          </>
        ) : null}
      </p>
      {wait.url ? (
        <p className="flex items-center gap-2 font-mono text-xs">
          <span className="min-w-0 flex-1 break-all">{`${wait.methods.join("/")} ${wait.url}`}</span>
          <CopyButton text={wait.url} label={t("copyWaitAddress")} />
        </p>
      ) : null}
      {continuing ? <ContinueDialog executionId={executionId} wait={wait} onClose={() => setContinuing(false)} /> : null}
    </Notice>
  );
}

function ContinueDialog({ executionId, wait, onClose }: { executionId: string; wait: Wait; onClose: () => void }) {
  const t = useTranslations("executions");
  const queries = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(wait.choices.length > 0 ? { choice: wait.choices[0] } : {}, null, 2));
  const [wrong, setWrong] = useState<string>();
  const go = useMutation({
    mutationFn: (given: unknown) =>
      body(
        api.POST("/api/v1/executions/{execution_id}/continue", {
          params: { path: { execution_id: executionId } },
          body: { node_id: wait.node_id, run_index: wait.run_index, body: given },
        }),
      ),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ["executions", executionId] });
    },
  });
  const submit = () => {
    try {
      const given: unknown = JSON.parse(text);
      setWrong(undefined);
      go.mutate(given);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("continueByHand")}
      description={t("continueDetail")}
      footer={
        <Button look="primary" busy={go.isPending} onClick={submit}>
          {t("continueNow")}
        </Button>
      }
    >
      <Field label={t("bodyAsJson")} error={wrong}>
        <Textarea rows={8} className="font-mono text-xs" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      {go.error ? <ErrorNotice error={go.error} /> : null}
    </Dialog>
  );
}
