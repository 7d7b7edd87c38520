import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import type { InvoiceLine } from "../billing-queries";
import { useNames } from "../names";
import { localMinute } from "./local-minute";

/** The workflows that a line of usage is about, each with its executions of those days. */
export function UsageBehind({ line }: { line: InvoiceLine }) {
  const t = useTranslations("billing");
  const names = useNames();
  const format = useFormatter();
  const period = { from: localMinute(line.period_start), to: localMinute(line.period_end) };
  return (
    <details className="mt-1 text-[13px]">
      <summary className="w-fit text-ink-soft hover:text-ink">{t("usageBehind", { count: line.usage.length })}</summary>
      <ul className="mt-1 flex flex-col gap-1">
        {line.usage.map((one) => (
          <li key={one.workflow_id ?? ""} className="flex flex-wrap justify-between gap-x-4">
            <span>
              {one.name ?? t("goneWorkflow")}: {format.number(one.quantity)} {line.limit ? names.limit(line.limit) : null}
            </span>
            {one.workflow_id ? (
              <Link to="/executions" search={{ workflow: one.workflow_id, ...period }} className="underline underline-offset-2">
                {t("executionsThen", { count: one.executions })}
              </Link>
            ) : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
