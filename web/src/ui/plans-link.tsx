import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { classes } from "./classes";

/** The way to the plans, beside what the workspace's plan refused. */
export function PlansLink({ className }: { className?: string }) {
  const t = useTranslations("ui");
  return (
    <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "plans" }} className={classes("font-medium underline underline-offset-2", className)}>
      {t("seePlans")}
    </Link>
  );
}
