import { useFormatter, useTranslations } from "use-intl";
import { Cell, HeadCell, Help, Table } from "@/ui";
import type { Revenue } from "../billing-queries";
import { useMoney } from "../use-money";

const MOVED = ["opening", "new", "expansion", "reactivated", "contraction", "churned", "closing"] as const;

/** How the recurring revenue of each currency came from the beginning to the end. */
export function MovementTable({ movements }: { movements: Revenue["movements"] }) {
  const t = useTranslations("billing.revenueFigures");
  const { money } = useMoney();
  const format = useFormatter();
  const percent = (value: number | null) => (value === null ? "–" : format.number(value, { style: "percent", maximumFractionDigits: 1 }));
  const rows = Object.entries(movements);
  if (rows.length === 0) return null;
  return (
    <section aria-label={t("movement.title")} className="flex flex-col gap-2">
      <h2 className="flex items-center gap-1 text-base font-semibold">
        {t("movement.title")}
        <Help of={t("movement.title")} text={`${t("help.movement")} ${t("help.churns")}`} />
      </h2>
      <Table label={t("movement.title")}>
        <thead>
          <tr>
            <HeadCell>{t("currency")}</HeadCell>
            {MOVED.map((one) => (
              <HeadCell key={one} className="text-right">
                {t(`movement.${one}`)}
              </HeadCell>
            ))}
            <HeadCell className="text-right">{t("movement.grossChurn")}</HeadCell>
            <HeadCell className="text-right">{t("movement.netChurn")}</HeadCell>
          </tr>
        </thead>
        <tbody>
          {rows.map(([currency, one]) => (
            <tr key={currency}>
              <Cell className="font-medium">{currency.toUpperCase()}</Cell>
              {MOVED.map((name) => (
                <Cell key={name} className="text-right whitespace-nowrap tabular-nums">
                  {money(one[name], currency)}
                </Cell>
              ))}
              <Cell className="text-right tabular-nums">{percent(one.gross_churn)}</Cell>
              <Cell className="text-right tabular-nums">{percent(one.net_churn)}</Cell>
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
