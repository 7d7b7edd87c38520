import { useTranslations } from "use-intl";
import { Badge } from "@/ui";
import { useDay } from "../day";
import { useMoney } from "../use-money";
import type { Credits } from "./credits-part";

/** Where credits came from, and what is left of them. */
export function CreditGrants({ grants }: { grants: Credits["grants"] }) {
  const t = useTranslations("billing.credits");
  const day = useDay();
  const { money } = useMoney();
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-medium">{t("grants")}</h3>
      <ul aria-label={t("grants")} className="flex flex-col divide-y divide-line">
        {grants.map((grant) => (
          <li key={grant.id} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2">
            <span className="flex flex-wrap items-baseline gap-2">
              <Badge tone={grant.category === "paid" ? "accent" : "neutral"}>{t(grant.category)}</Badge>
              <span>{grant.reason || day(grant.effective_at)}</span>
            </span>
            <span className="text-ink-soft tabular-nums">
              {t("left", { left: money(grant.amount_left, grant.currency), amount: money(grant.amount, grant.currency) })},{" "}
              {grant.is_expired ? t("expired") : grant.expires_at ? t("expires", { day: day(grant.expires_at) }) : t("never")}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
