import { FlaskConical, Square } from "lucide-react";
import { useTranslations } from "use-intl";
import { DataView } from "@/rooms/data/data-view";
import { StepLogs } from "@/rooms/executions/step-parts";
import { Badge, Button, durationText, ErrorNotice } from "@/ui";
import type { Attempt } from "./use-attempt";

interface TryItProps {
  attempt: Attempt;
  /** How many items come in, where that is known. */
  items: number | null;
  onStart: () => void;
}

/** Runs the code with the node's real input: its logs as they come, then what it gave. */
export function TryIt({ attempt, items, onStart }: TryItProps) {
  const t = useTranslations("builder");
  const { result, logs, isRunning } = attempt;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" busy={isRunning} onClick={onStart}>
          <FlaskConical aria-hidden />
          {t("tryIt")}
        </Button>
        {isRunning ? (
          <Button onClick={attempt.stop}>
            <Square aria-hidden />
            {t("tryStop")}
          </Button>
        ) : null}
        <span className="text-xs text-ink-faint">{items === null ? t("tryWithEmpty") : t("tryWith", { count: items })}</span>
        <span role="status">
          {isRunning ? <Badge tone="info">{t("tryRunning")}</Badge> : null}
          {result ? (
            <Badge tone={result.outcome === "ok" ? "success" : "danger"}>
              {result.outcome.replaceAll("_", " ")} · {durationText(result.duration_ms)}
            </Badge>
          ) : null}
        </span>
      </div>
      {attempt.error ? <ErrorNotice error={attempt.error} /> : null}
      {result || logs.length > 0 ? (
        <section aria-label={t("tryResult")} className="flex flex-col gap-2 rounded-lg border p-2">
          {result?.error ? (
            <pre role="alert" className="overflow-x-auto rounded bg-danger-soft p-2 font-mono text-xs whitespace-pre-wrap text-danger-text">
              {result.error.traceback || result.error.message}
            </pre>
          ) : null}
          {result && !result.error ? (
            <div className="h-56">
              <DataView label={t("output")} ports={{ main: { count: result.items?.length ?? 0, items: result.items ?? [] } }} />
            </div>
          ) : null}
          {logs.length > 0 ? (
            <div className="max-h-40 overflow-auto">
              <StepLogs logs={logs} />
            </div>
          ) : null}
        </section>
      ) : null}
    </>
  );
}
