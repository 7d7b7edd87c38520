import { useFormatter, useTranslations } from "use-intl";
import { Cell, HeadCell, Table } from "@/ui";
import type { InvoiceLine } from "../billing-queries";
import { useDay } from "../day";
import { useMoney } from "../use-money";
import { UsageBehind } from "./usage-behind";

/** What an invoice is for, line by line. */
export function InvoiceLines({ lines, currency }: { lines: readonly InvoiceLine[]; currency: string }) {
  const t = useTranslations("billing");
  const day = useDay();
  const format = useFormatter();
  const facts = useTranslations("billing.invoiceFacts");
  const { money } = useMoney();
  const taxed = lines.some((line) => line.tax_percentages.length > 0);
  const percent = (rate: string) => format.number(Number(rate) / 100, { style: "percent", maximumFractionDigits: 3 });
  return (
    <Table label={t("lines")}>
      <thead>
        <tr>
          <HeadCell>{t("line")}</HeadCell>
          <HeadCell className="text-right">{t("quantity")}</HeadCell>
          {taxed ? <HeadCell className="text-right">{facts("tax")}</HeadCell> : null}
          <HeadCell className="text-right">{t("amount")}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id}>
            <Cell className="align-top">
              {line.description ?? "–"}
              <span className="block text-xs text-ink-faint">{t("between", { from: day(line.period_start), to: day(line.period_end) })}</span>
              {line.note ? <span className="block text-xs text-ink-faint">{facts(`notes.${line.note}`)}</span> : null}
              {line.usage.length > 0 ? <UsageBehind line={line} /> : null}
            </Cell>
            <Cell className="text-right align-top tabular-nums">{line.quantity === null ? "–" : format.number(line.quantity)}</Cell>
            {taxed ? <Cell className="text-right align-top whitespace-nowrap tabular-nums">{line.tax_percentages.map(percent).join(" + ") || "–"}</Cell> : null}
            <Cell className="text-right align-top whitespace-nowrap tabular-nums">{money(line.amount, currency)}</Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
