import { CircleAlert, RotateCw } from "lucide-react";
import { useTranslations } from "use-intl";
import { Problem } from "@/api/problem";
import { Button } from "./button";
import { PlansLink } from "./plans-link";

/** What went wrong, in the server's words, and the way on. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations("ui");
  const problem = error instanceof Problem ? error : null;
  const fields = problem?.errors ?? [];
  return (
    <div role="alert" className="flex gap-3 rounded-lg border border-danger/40 bg-danger-soft p-3 text-sm text-danger-text">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 break-words">
        <p className="font-medium">{problem?.title ?? t("unexpected")}</p>
        {problem ? <p>{problem.detail}</p> : <p>{error instanceof Error ? error.message : String(error)}</p>}
        {fields.length > 0 ? (
          <ul className="mt-1 list-disc pl-4">
            {fields.map((one) => (
              <li key={one.pointer + one.message}>
                <code className="font-mono text-xs">{one.pointer}</code> {one.message}
              </li>
            ))}
          </ul>
        ) : null}
        {problem?.refusal ? <PlansLink className="mt-1 inline-block" /> : null}
      </div>
      {onRetry ? (
        <Button size="small" onClick={onRetry}>
          <RotateCw aria-hidden />
          {t("tryAgain")}
        </Button>
      ) : null}
    </div>
  );
}
