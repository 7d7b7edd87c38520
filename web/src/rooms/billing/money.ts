/** How many digits the minor unit of a currency has: 2 of the dollar, 0 of the yen. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount in minor units as people write it; whole amounts without their zeros if `short`. */
export function moneyText(amount: number, currency: string, locale: string, { short = false } = {}): string {
  const digits = minorDigits(currency);
  const value = amount / 10 ** digits;
  const shown = short && Number.isInteger(value) ? 0 : digits;
  return new Intl.NumberFormat(locale, { style: "currency", currency, minimumFractionDigits: shown, maximumFractionDigits: digits }).format(value);
}

/** A price of one more that may be parts of a minor unit, such as "0.2" cents. */
export function unitPriceText(amount: string, currency: string, locale: string): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(locale, { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits + 6 }).format(
    Number(amount) / 10 ** digits,
  );
}

/** An amount in minor units as it is typed: "19.99". */
export function minorText(amount: number, currency: string): string {
  const digits = minorDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/** The minor units of an amount that was typed, such as "19.99" or "19,99"; null of what is none, or not above zero. */
export function minorUnits(text: string, currency: string): number | null {
  const written = text.trim().replace(",", ".");
  if (!/^\d+(\.\d*)?$/.test(written) || !/^[a-z]{3}$/i.test(currency)) return null;
  const digits = minorDigits(currency);
  const [whole = "0", part = ""] = written.split(".");
  if (part.length > digits) return null;
  const amount = Number(whole) * 10 ** digits + Number(part.padEnd(digits, "0") || "0");
  return amount > 0 ? amount : null;
}
