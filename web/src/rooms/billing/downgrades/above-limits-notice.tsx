import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMay } from "@/api/me";
import { Button, Notice } from "@/ui";
import { subscriptionQuery } from "../billing-queries";
import { tooMuchQuery } from "./too-much";
import { TooMuchList } from "./too-much-list";

/** That the workspace has more than its plan includes, and what will become of that. */
export function AboveLimitsNotice() {
  const t = useTranslations("billing");
  const sees = useMay("billing:read");
  const found = useQuery({ ...tooMuchQuery(), enabled: sees });
  const subscription = useQuery({ ...subscriptionQuery, enabled: sees });
  const mayChoose = subscription.data?.actions.some((one) => one === "change" || one === "checkout") ?? false;
  // What fills up within a month has a meter of its own, and old executions simply go.
  const beyond = found.data?.items.filter((one) => !["queue", "refuse", "deleted"].includes(one.effect)) ?? [];
  if (!found.data || beyond.length === 0) return null;
  return (
    <Notice
      tone="warning"
      title={t("downgrades.aboveTitle", { plan: found.data.plan_name })}
      actions={
        mayChoose ? (
          <Button asChild size="small" look="primary">
            <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "plans" }}>
              {t("choosePlan")}
            </Link>
          </Button>
        ) : null
      }
    >
      <p className="mb-2">{t("downgrades.aboveDetail")}</p>
      <TooMuchList found={beyond} />
    </Notice>
  );
}
