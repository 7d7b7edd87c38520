import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { Card, ErrorNotice, ListSkeleton } from "@/ui";
import { useDay } from "../day";
import { useMoney } from "../use-money";
import { BuyCreditsForm } from "./buy-credits-form";
import { CreditGrants } from "./credit-grants";
import { CreditHistory } from "./credit-history";

export type Credits = components["schemas"]["CreditsOut"];
export const creditsQuery = queryOptions({
  queryKey: ["billing", "credits"],
  queryFn: () => body(api.GET("/api/v1/billing/credits")),
});

/** Prepaid credits: how much there is, until when, where it came from and what it was used for. */
export function CreditsPart() {
  const t = useTranslations("billing.credits");
  const mayChange = useMay("billing:write");
  const day = useDay();
  const { money } = useMoney();
  const credits = useQuery(creditsQuery);
  const found = credits.data;
  return (
    <section aria-label={t("title")} className="flex max-w-2xl flex-col gap-3">
      <h2 className="text-base font-semibold">{t("title")}</h2>
      {credits.isPending ? <ListSkeleton rows={2} /> : null}
      {credits.error ? <ErrorNotice error={credits.error} onRetry={() => void credits.refetch()} /> : null}
      {found ? (
        <Card className="flex flex-col gap-4 p-4 text-sm">
          <div className="flex flex-col gap-1">
            <p className="text-lg font-semibold tabular-nums">{t("balance", { amount: money(found.balance, found.currency) })}</p>
            {found.expires_next_at ? (
              <p className="text-ink-soft">{t("expiresNext", { amount: money(found.expiring_next, found.currency), day: day(found.expires_next_at) })}</p>
            ) : null}
            <p className="text-[13px] text-ink-soft">{t("hint")}</p>
          </div>
          {mayChange && found.can_buy ? <BuyCreditsForm currency={found.currency} /> : null}
          {found.grants.length > 0 ? <CreditGrants grants={found.grants} /> : null}
          {found.history.length > 0 ? <CreditHistory history={found.history} /> : null}
        </Card>
      ) : null}
    </section>
  );
}
