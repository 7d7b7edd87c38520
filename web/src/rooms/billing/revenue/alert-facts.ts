/** What is known, as people read it: an amount and its currency are one. */
export function factsOf(detail: Readonly<Record<string, unknown>>, money: (amount: number, currency: string) => string): [string, string][] {
  const { amount, currency, ...rest } = detail;
  const others = Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]);
  if (typeof amount === "number" && typeof currency === "string") return [["amount", money(amount, currency)], ...others];
  return Object.entries(detail).map(([name, value]) => [name, String(value)]);
}
