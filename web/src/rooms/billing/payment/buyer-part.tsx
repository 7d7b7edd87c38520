import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useMe } from "@/api/me";
import { Card, ListSkeleton } from "@/ui";
import { invoiceQuery, invoicesQuery } from "../billing-queries";
import { BuyerForm } from "./buyer-form";

/** Whom invoices name, begun with what the newest one says. */
export function BuyerPart() {
  const t = useTranslations("billing");
  const { user, workspace } = useMe();
  const invoices = useQuery(invoicesQuery);
  const newest = invoices.data?.items[0]?.id;
  const invoice = useQuery({ ...invoiceQuery(newest ?? ""), enabled: newest !== undefined });
  const known = invoice.data;
  const address = known?.customer_address ?? {};
  return (
    <section aria-label={t("buyer")} className="flex max-w-2xl flex-col gap-3">
      <h2 className="text-base font-semibold">{t("buyer")}</h2>
      <p className="text-sm text-ink-soft">{t("buyerHint")}</p>
      <Card className="p-4">
        {invoices.isLoading || invoice.isLoading ? (
          <ListSkeleton rows={3} />
        ) : (
          <BuyerForm
            known={{
              name: known?.customer_name ?? workspace.name,
              email: known?.customer_email ?? user.email,
              line1: address.line1 ?? "",
              line2: address.line2 ?? "",
              postal_code: address.postal_code ?? "",
              city: address.city ?? "",
              state: address.state ?? "",
              country: address.country ?? "",
              tax_id: "",
              tax_id_type: "",
            }}
          />
        )}
      </Card>
    </section>
  );
}
