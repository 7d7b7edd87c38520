import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Badge, Button } from "@/ui";
import type { Plan } from "../billing-queries";
import { choiceFor, type Choice } from "./plan-choice";
import type { PlansShown } from "./plan-shown";

const CONTACT = "mailto:?subject=Treadle%20Enterprise";
const FIRST = new Set<Choice>(["upgrade", "trial", "subscribe", "interval", "seats"]);

/** The way to a plan from where the workspace is. */
export function PlanButton({ plan, plans, subscription, terms, mayChange, busy, onChoose }: PlansShown & { plan: Plan }) {
  const t = useTranslations("billing.choice");
  const choice = choiceFor(plan, plans, subscription, terms);
  if (choice === "none") return null;
  if (choice === "current") return <Badge tone="accent">{t("current")}</Badge>;
  if (choice === "ending") return <p className="text-[13px] font-normal text-ink-soft">{t("ending")}</p>;
  if (choice === "contact") {
    return (
      <Button asChild size="small">
        <a href={CONTACT}>{t("contact")}</a>
      </Button>
    );
  }
  if (!mayChange) return null;
  if (choice === "settle") {
    return (
      <Button asChild size="small">
        <Link to="/settings/$section" params={{ section: "billing" }} search={{ tab: "overview" }}>
          {t("settle")}
        </Link>
      </Button>
    );
  }
  return (
    <Button size="small" look={FIRST.has(choice) ? "primary" : "secondary"} busy={busy === plan.plan} disabled={busy !== null} aria-label={t("named", { action: t(choice), plan: plan.name })} onClick={() => onChoose(plan, choice)}>
      {t(choice)}
    </Button>
  );
}
