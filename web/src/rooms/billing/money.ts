/** An amount in the currency's minor unit, as people write it: 1999 usd is $19.99, 500 jpy is ¥500. */
export function money(amount: number, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency: currency.toUpperCase() });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

/** A price for one of many, which may be a part of the minor unit: "0.2" usd is $0.002. */
export function unitMoney(amount: string, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency: currency.toUpperCase() });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency: currency.toUpperCase(),
    maximumSignificantDigits: 3,
  }).format(Number(amount) / 10 ** digits);
}
