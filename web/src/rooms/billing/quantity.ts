import { bytesText, unitText as unit } from "@/ui";

const BINARY = 1024;
const MINUTE_S = 60;
const HOUR_S = 3600;
const MICRO = 1_000_000;

export function secondsText(seconds: number, locale: string): string {
  if (seconds >= HOUR_S) return unit(seconds / HOUR_S, "hour", locale);
  return seconds >= MINUTE_S ? unit(seconds / MINUTE_S, "minute", locale) : unit(seconds, "second", locale);
}

/** The amount of a limit of a plan, in the unit that the limit's name tells. */
export function limitText(limit: string, amount: number, locale: string): string {
  if (limit.endsWith("_bytes")) return bytesText(amount, locale);
  if (limit.endsWith("_mb")) return bytesText(amount * BINARY * BINARY, locale);
  if (limit.endsWith("_seconds")) return secondsText(amount, locale);
  if (limit.endsWith("_days")) return new Intl.NumberFormat(locale, { style: "unit", unit: "day", unitDisplay: "long" }).format(amount);
  return new Intl.NumberFormat(locale).format(amount);
}

/** What was used of a meter, in the unit that the server counts it in. */
export function meterText(kind: string, quantity: number, locale: string): string {
  if (kind === "byte") return bytesText(quantity, locale);
  if (kind === "byte-hour") return `${bytesText(quantity, locale)}·h`;
  if (kind === "millisecond") return secondsText(quantity / 1000, locale);
  if (kind === "micro-dollar") {
    return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", maximumFractionDigits: 4 }).format(quantity / MICRO);
  }
  return new Intl.NumberFormat(locale).format(quantity);
}

/** The meters that have an amount of their own unit; budgets are about these. */
export const UNITS: Readonly<Record<string, string>> = {
  executions: "execution",
  ai_tokens: "token",
  ai_cost: "micro-dollar",
  sandbox_cpu_ms: "millisecond",
};
