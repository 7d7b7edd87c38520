import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { Card, classes, IconButton } from "@/ui";

type Listed = components["schemas"]["WorkflowListed"];

/** What to try first, and what of it is done: told from what is there. Anybody may put it away. */
export function FirstSteps({ workflows }: { workflows: readonly Listed[] }) {
  const t = useTranslations("workflows.firstSteps");
  const { workspace } = useMe();
  const key = `treadle.first-steps.${workspace.id}`;
  const [isAway, setAway] = useState(() => localStorage.getItem(key) === "away");
  const [newest] = workflows;
  const link = (text: string) =>
    newest ? (
      <Link to="/workflows/$workflowId" params={{ workflowId: newest.id }} className="text-accent-text underline underline-offset-2">
        {text}
      </Link>
    ) : (
      text
    );
  const steps: [boolean, ReactNode][] = [
    [
      workflows.length > 0,
      <Link key="begin" to="/templates" className="text-accent-text underline underline-offset-2">
        {t("begin")}
      </Link>,
    ],
    [workflows.some((one) => one.last_execution), link(t("run"))],
    [workflows.some((one) => one.version > 0), link(t("publish"))],
    [workflows.some((one) => one.active), t("activate")],
  ];
  const done = steps.filter(([isDone]) => isDone).length;
  if (isAway || done === steps.length) return null;
  return (
    <Card className="flex flex-col gap-2 p-4">
      <div className="flex items-center justify-between gap-2">
        <h2 className="text-sm font-medium">
          {t("title")} <span className="text-ink-faint">{t("progress", { done, all: steps.length })}</span>
        </h2>
        <IconButton
          size="small"
          label={t("away")}
          onClick={() => {
            localStorage.setItem(key, "away");
            setAway(true);
          }}
        >
          <X aria-hidden />
        </IconButton>
      </div>
      <ol aria-label={t("title")} className="grid gap-1.5 text-sm sm:grid-cols-2">
        {steps.map(([isDone, text], at) => (
          <li key={at} className={classes("flex items-center gap-2", isDone && "text-ink-faint")}>
            {isDone ? <CircleCheck aria-label={t("done")} className="size-4 text-success-text" /> : <CircleDashed aria-label={t("open")} className="size-4 text-ink-faint" />}
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
