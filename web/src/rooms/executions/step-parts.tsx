import { Lightbulb } from "lucide-react";
import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";

type StepErrorShape = components["schemas"]["ErrorOut"];

const KNOWN = ["timeout", "user_error", "cpu_limit", "out_of_memory", "too_many_processes", "output_too_large", "policy_denied", "infrastructure", "invalid_parameters", "expression", "http"] as const;
type Kind = (typeof KNOWN)[number];

/** What went wrong in a step, where, and what to try. */
export function StepError({ error, node }: { error: StepErrorShape; node?: string }) {
  const t = useTranslations("executions");
  const remedies = useTranslations("executions.remedies");
  const kind = KNOWN.find((one) => one === error.kind) ?? null;
  const line = error.detail?.line;
  const traceback = error.detail?.traceback;
  return (
    <div role="alert" className="rounded-lg border border-danger/40 bg-danger-soft p-3 text-sm text-danger-text">
      <p className="font-medium break-words">{error.message}</p>
      <p className="mt-0.5 text-xs">
        {[node ? t("inNode", { node }) : null, typeof line === "number" ? t("atLine", { line }) : null, error.kind].filter(Boolean).join(" · ")}
      </p>
      {typeof traceback === "string" && traceback ? (
        <pre className="mt-2 max-h-48 overflow-auto rounded bg-surface p-2 font-mono text-xs whitespace-pre-wrap text-ink">{traceback}</pre>
      ) : null}
      <p className="mt-2 flex gap-1.5 text-ink">
        <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-warning-text" />
        {remedies(kind ?? ("other" satisfies Kind | "other"))}
      </p>
    </div>
  );
}

/** What a step printed. */
export function StepLogs({ logs }: { logs: readonly { stream: string; text: string }[] }) {
  const t = useTranslations("executions");
  if (logs.length === 0) return <p className="p-3 text-sm text-ink-faint">{t("noLogs")}</p>;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre role="log" aria-label={t("logs")} tabIndex={0} className="h-full overflow-auto bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">
      {logs.map((piece, at) => (
        <span key={at} className={piece.stream === "stderr" ? "text-danger-text" : undefined}>
          {piece.text}
        </span>
      ))}
    </pre>
  );
}
