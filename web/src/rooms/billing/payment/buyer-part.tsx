import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { Card, ErrorNotice, ListSkeleton } from "@/ui";
import { buyerQuery } from "../billing-queries";
import { TaxIdNotices } from "../tax/tax-id-notices";
import { BuyerForm } from "./buyer-form";

/** Whom the next invoices name, and what the register says of the tax id. */
export function BuyerPart() {
  const t = useTranslations("billing");
  const buyer = useQuery(buyerQuery);
  return (
    <section aria-label={t("buyer")} className="flex max-w-2xl flex-col gap-3">
      <h2 className="text-base font-semibold">{t("buyer")}</h2>
      <p className="text-sm text-ink-soft">{t("buyerHint")}</p>
      {buyer.data ? <TaxIdNotices buyer={buyer.data} /> : null}
      <Card className="p-4">
        {buyer.isPending ? <ListSkeleton rows={3} /> : null}
        {buyer.error ? <ErrorNotice error={buyer.error} onRetry={() => void buyer.refetch()} /> : null}
        {/* What somebody is typing stays when it is read again; what was stored is begun with anew. */}
        {buyer.data ? <BuyerForm key={buyer.data.tax_ids.map((one) => one.value).join()} known={buyer.data} /> : null}
      </Card>
    </section>
  );
}
