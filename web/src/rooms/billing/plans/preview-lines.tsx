import { useTranslations } from "use-intl";
import type { Plan } from "../billing-queries";
import { useSumRows } from "../tax/sum-rows";
import { useMoney } from "../use-money";
import type { Preview } from "./change-dialog";
import type { Terms } from "./plan-choice";

interface PreviewLinesProps {
  preview: Preview;
  plan: Plan;
  terms: Terms;
}

/** The lines of what a change costs, and what of it is charged now or goes to the balance. */
export function PreviewLines({ preview, plan, terms }: PreviewLinesProps) {
  const t = useTranslations("billing");
  const { money } = useMoney();
  const { currency, total, amount_due: due } = preview;
  const between = useSumRows();
  const fromBalance = Math.min(Math.max(0, -preview.starting_balance), Math.max(0, total));
  const each = plan.prices[terms.interval]?.[currency];
  return (
    <>
      {preview.lines.length > 0 ? (
        <table className="w-full text-left text-sm">
          <caption className="sr-only">{t("previewLines")}</caption>
          <thead>
            <tr className="text-xs text-ink-faint">
              <th scope="col" className="py-1 font-medium">
                {t("line")}
              </th>
              <th scope="col" className="py-1 text-right font-medium">
                {t("amount")}
              </th>
            </tr>
          </thead>
          <tbody>
            {preview.lines.map((line, index) => (
              <tr key={index} className="border-t">
                <td className="py-1.5 pr-3">{line.description ?? "–"}</td>
                <td className="py-1.5 text-right whitespace-nowrap tabular-nums">{money(line.amount, currency)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            {between(preview).map(([label, amount]) => (
              <tr key={label} className="border-t text-ink-soft">
                <th scope="row" className="py-1.5 font-normal">
                  {label}
                </th>
                <td className="py-1.5 text-right whitespace-nowrap tabular-nums">{money(amount, currency)}</td>
              </tr>
            ))}
            <tr className="border-t font-medium">
              <th scope="row" className="py-1.5">
                {t("total")}
              </th>
              <td className="py-1.5 text-right whitespace-nowrap tabular-nums">{money(total, currency)}</td>
            </tr>
            {fromBalance > 0 ? (
              <tr className="border-t text-ink-soft">
                <th scope="row" className="py-1.5 font-normal">
                  {t("tax.fromBalance")}
                </th>
                <td className="py-1.5 text-right whitespace-nowrap tabular-nums">{money(-fromBalance, currency)}</td>
              </tr>
            ) : null}
          </tfoot>
        </table>
      ) : null}
      <div className="rounded-lg bg-sunken p-3 text-sm">
        <p className="font-medium">{preview.begins_at ? t("downgrades.nothingNow") : total < 0 ? t("credited", { amount: money(-total, currency) }) : t("dueNow", { amount: money(due, currency) })}</p>
        {each === undefined ? null : <p className="text-ink-soft">{t("thenOn", { amount: money(each * terms.seats, currency), interval: terms.interval })}</p>}
      </div>
    </>
  );
}
