/** What invoices, receipts and credit notes can be in. */
export const DOCUMENT_LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "zh"] as const;

/** One of them, or "" for the seller's own. */
export type Language = (typeof DOCUMENT_LANGUAGES)[number] | "";

/** What a tag of Stripe's, such as `pt-BR`, is among them. */
export function documentLanguage(tag: string | null): Language {
  const code = tag?.split("-")[0];
  return DOCUMENT_LANGUAGES.find((one) => one === code) ?? "";
}
