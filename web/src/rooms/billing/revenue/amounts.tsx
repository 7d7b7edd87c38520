import { useMoney } from "../use-money";

/** Money in several currencies, which are not added up. */
export function Amounts({ amounts }: { amounts: Readonly<Record<string, number>> }) {
  const { money } = useMoney();
  const rows = Object.entries(amounts).sort();
  if (rows.length === 0) return <span>–</span>;
  return (
    <>
      {rows.map(([currency, amount]) => (
        <span key={currency} className="block whitespace-nowrap">
          {money(amount, currency)}
        </span>
      ))}
    </>
  );
}
