import { Hourglass } from "lucide-react";
import { useTranslations } from "use-intl";
import { Badge, StatusBadge } from "@/ui";
import { isHeld, type MaybeHeld } from "./held";

/** The state of an execution; one that the plan has no room for is not merely queued. */
export function ExecutionStatus({ execution }: { execution: MaybeHeld }) {
  const t = useTranslations("executions");
  if (!isHeld(execution)) return <StatusBadge status={execution.status} />;
  return (
    <Badge tone="warning" icon={<Hourglass aria-hidden />}>
      {t("held")}
    </Badge>
  );
}
