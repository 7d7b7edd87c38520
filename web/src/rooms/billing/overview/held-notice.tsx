import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Button, Notice } from "@/ui";
import { useDay } from "../day";

/** How many executions wait until the plan has room for them again. */
export function HeldNotice({ count, endsAt }: { count: number; endsAt: string }) {
  const t = useTranslations("billing");
  const day = useDay();
  return (
    <Notice
      tone="warning"
      title={t("heldTitle", { count })}
      actions={
        <>
          <Button asChild size="small">
            <Link to="/executions" search={{ status: ["queued"] }}>
              {t("heldShow")}
            </Link>
          </Button>
          <Button asChild size="small" look="primary">
            <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "plans" }}>
              {t("upgrade")}
            </Link>
          </Button>
        </>
      }
    >
      {t("heldDetail", { day: day(endsAt) })}
    </Notice>
  );
}
