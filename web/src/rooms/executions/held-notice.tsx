import { useTranslations } from "use-intl";
import { useNames } from "@/rooms/billing/names";
import { Notice, PlansLink } from "@/ui";

/** On the page of an execution: which limit it waits for, and what makes it run. */
export function HeldNotice({ limit }: { limit: string }) {
  const t = useTranslations("executions");
  const names = useNames();
  return (
    <Notice tone="warning" title={t("heldTitle")} actions={<PlansLink />}>
      {t("heldDetail", { limit: names.limit(limit) })}
    </Notice>
  );
}
