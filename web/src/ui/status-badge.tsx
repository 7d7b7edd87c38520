import { Ban, CircleCheck, CircleDashed, CirclePause, CircleX, Clock, LoaderCircle, SkipForward, TriangleAlert, type LucideIcon } from "lucide-react";
import { useTranslations } from "use-intl";
import { Badge, type Tone } from "./badge";

const LOOKS = {
  queued: ["neutral", CircleDashed],
  running: ["info", LoaderCircle],
  waiting: ["info", Clock],
  retrying: ["warning", Clock],
  interrupted: ["warning", CirclePause],
  succeeded: ["success", CircleCheck],
  failed: ["danger", CircleX],
  cancelled: ["neutral", Ban],
  skipped: ["neutral", SkipForward],
  listening: ["success", CircleCheck],
  catching_up: ["info", LoaderCircle],
  degraded: ["warning", TriangleAlert],
  needs_attention: ["danger", TriangleAlert],
  stopped: ["neutral", CirclePause],
} as const satisfies Record<string, readonly [Tone, LucideIcon]>;

export type Status = keyof typeof LOOKS;

function isStatus(status: string): status is Status {
  return status in LOOKS;
}

/** The state of an execution, a step or a trigger: in words, with an icon, and only then in colour. */
export function StatusBadge({ status }: { status: string }) {
  const t = useTranslations("ui.status");
  if (!isStatus(status)) return <Badge>{status}</Badge>;
  const [tone, Icon] = LOOKS[status];
  const turning = status === "running" || status === "catching_up";
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className={turning ? "animate-spin" : undefined} />}>
      {t(status)}
    </Badge>
  );
}
