import { useLocale } from "use-intl";
import { moneyText, unitPriceText } from "./money";

/** Writes amounts in minor units in the language of the page. */
export function useMoney() {
  const locale = useLocale();
  return {
    money: (amount: number, currency: string) => moneyText(amount, currency, locale),
    price: (amount: number, currency: string) => moneyText(amount, currency, locale, { short: true }),
    /** What a thousand more cost: one is too little to read. */
    thousand: (amount: string, currency: string) => unitPriceText(String(Number(amount) * 1000), currency, locale),
  };
}
