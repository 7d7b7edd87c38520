const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const BINARY = 1024;

/** A number with its unit, as `Intl` names it: `3.2 MB`. */
export function unitText(value: number, name: string, locale: string): string {
  // Bytes themselves are not abbreviated, and have a plural in the long form only.
  const unitDisplay = name === "byte" ? "long" : "short";
  return new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** Bytes as people read them. */
export function bytesText(bytes: number, locale: string): string {
  const step = bytes < BINARY ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(bytes) / 10));
  return unitText(bytes / BINARY ** step, BYTES[step] ?? "byte", locale);
}
