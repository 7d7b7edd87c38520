import { useTranslations } from "use-intl";
import type { StepPreview } from "./execution-queries";

/** The items of a step that failed, each with its error and a way to what came in. */
export function FailedItems({ step, onShow }: { step: StepPreview; onShow: (index: number) => void }) {
  const t = useTranslations("executions");
  const more = step.items_failed - step.item_errors.length;
  return (
    <section aria-label={t("itemsFailed", { count: step.items_failed })} className="border-b p-3 text-sm">
      <p className="font-medium text-danger-text">{t("itemsFailed", { count: step.items_failed })}</p>
      <ul className="mt-1 max-h-40 overflow-y-auto">
        {step.item_errors.map((one) => (
          <li key={one.index} className="flex items-baseline gap-2 py-0.5">
            <button type="button" onClick={() => onShow(one.index)} className="shrink-0 text-xs text-accent-text underline underline-offset-2">
              {t("showItem", { index: one.index })}
            </button>
            <span className="min-w-0 break-words">{one.message}</span>
            {one.attempt > 1 ? <span className="shrink-0 text-xs text-ink-faint">{t("attempt", { number: one.attempt })}</span> : null}
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="mt-1 text-xs text-ink-faint">{t("moreItemsFailed", { count: more })}</p> : null}
    </section>
  );
}

/** Why items failed, by their position. */
export function failedItems(step: StepPreview): ReadonlyMap<number, string> {
  return new Map(step.item_errors.map((one) => [one.index, one.message]));
}
