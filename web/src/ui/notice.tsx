import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";

const LOOKS = {
  info: ["border-info/40 bg-info-soft text-info-text", Info],
  success: ["border-success/40 bg-success-soft text-success-text", CircleCheck],
  warning: ["border-warning/40 bg-warning-soft text-warning-text", TriangleAlert],
  danger: ["border-danger/40 bg-danger-soft text-danger-text", CircleAlert],
} as const;

interface NoticeProps {
  tone: keyof typeof LOOKS;
  title?: ReactNode;
  children?: ReactNode;
  /** Buttons and links, at its end. */
  actions?: ReactNode;
  className?: string;
}

/** Something to know about the page as it is. */
export function Notice({ tone, title, children, actions, className }: NoticeProps) {
  const [look, Icon] = LOOKS[tone];
  return (
    <div role="status" className={classes("flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border p-3 text-sm", look, className)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-48 flex-1 break-words">
        {title ? <p className="font-medium">{title}</p> : null}
        {children}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </div>
  );
}
