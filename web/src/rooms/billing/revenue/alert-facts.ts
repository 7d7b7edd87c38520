/** What is known, as people read it: an amount and its currency are one. */
export function factsOf(detail: Readonly<Record<string, unknown>>, money: (amount: number, currency: string) => string): [string, string][] {
  const { amount, currency, ...rest } = detail;
  const isMoney = typeof amount === "number" && typeof currency === "string";
  const facts = isMoney ? { amount: money(amount, currency), ...rest } : detail;
  return Object.entries(facts).map(([name, value]) => [name, String(value)]);
}
