import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { Card } from "@/ui";
import { useMoney } from "../use-money";

type Transfer = components["schemas"]["BankTransferOut"];

/** Where to transfer to, with the reference of an invoice where it is for one. */
export function BankTransfer({ transfer, reference }: { transfer: Transfer; reference?: string | null }) {
  const t = useTranslations("billing.payments");
  const { money } = useMoney();
  const rows = Object.entries({ ...transfer.details, ...(reference ? { reference } : {}) });
  const named = (name: string) => {
    const key = `transferNames.${name}` as Parameters<typeof t.has>[0];
    return t.has(key) ? t(key as "transferNames.iban") : name.replaceAll("_", " ");
  };
  return (
    <section aria-label={t("transferTitle")} className="flex max-w-2xl flex-col gap-2">
      <h2 className="text-base font-semibold">{t("transferTitle")}</h2>
      <Card className="flex flex-col gap-3 p-4 text-sm">
        <p className="text-ink-soft">{t("transferHint")}</p>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {rows.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-soft">{named(name)}</dt>
              <dd className="font-medium break-all tabular-nums select-all">{value}</dd>
            </div>
          ))}
        </dl>
        {Object.entries(transfer.cash).map(([currency, amount]) => (
          <p key={currency}>{t("transferCash", { amount: money(amount, currency) })}</p>
        ))}
      </Card>
    </section>
  );
}
