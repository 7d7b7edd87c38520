const LOCALES = ["en", "de"] as const;
export type Locale = (typeof LOCALES)[number];
/** With this one stored, everything that is translated shows that it is. */
export const PSEUDO = "pseudo";
const STORED = "treadle.locale";

export function wantedLocale(): Locale | typeof PSEUDO {
  const stored = localStorage.getItem(STORED);
  if (stored === PSEUDO) return PSEUDO;
  const known = LOCALES.find((one) => one === stored);
  return known ?? LOCALES.find((one) => navigator.language.toLowerCase().startsWith(one)) ?? "en";
}

export function storeLocale(locale: string | null): void {
  if (locale === null) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, locale);
}
