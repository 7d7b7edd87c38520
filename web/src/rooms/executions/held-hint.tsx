import { useTranslations } from "use-intl";
import { classes, PlansLink } from "@/ui";
import { isHeld, type MaybeHeld } from "./held";

/** In the list: why it waits, and the way to the plans. */
export function HeldHint({ execution, className }: { execution: MaybeHeld; className?: string }) {
  const t = useTranslations("executions");
  if (!isHeld(execution)) return null;
  return (
    <span className={classes("block text-warning-text", className)}>
      {t("heldHint")} <PlansLink />
    </span>
  );
}
