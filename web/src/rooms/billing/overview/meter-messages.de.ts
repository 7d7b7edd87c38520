import type { Texts } from "@/i18n/texts";
import type { meter as en } from "./meter-messages.en";

export const meter: Texts<typeof en> = {
  unlimited: "{used} verbraucht, ohne Grenze",
  usedOf: "{used} von {included} verbraucht",
  forecast: "So weiter sind es {amount} bis {day}.",
  reached: "Die Grenze ist am {day} erreicht.",
  capReached: "Was über den Tarif hinaus bezahlt wird, ist am {day} aufgebraucht.",
  capFull: "Was über den Tarif hinaus bezahlt wird, ist aufgebraucht.",
  full: "Die Grenze ist erreicht.",
  refuse: "An der Grenze wird mehr abgelehnt.",
  queue: "An der Grenze warten Ausführungen, bis wieder Platz ist.",
  overageSoFar: "Bisher {quantity} über den Tarif hinaus: {amount}, bis {day} voraussichtlich {forecast}.",
  overage: "An der Grenze werden bis zu {cap} mehr bezahlt, {price} je 1.000.",
};
