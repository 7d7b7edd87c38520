import type { Texts } from "@/i18n/texts";
import type { remedies as english } from "./remedies-messages.en";

export const remedies: Texts<typeof english> = {
  pay: "Offenes bezahlen",
  paid: "Es ist bezahlt: Der Tarif geht weiter.",
  goOn: "Tarif fortsetzen",
  wentOn: "Der Tarif geht weiter.",
  endNow: "Sofort beenden",
  endNowTitle: "Das Abonnement von {plan} sofort beenden?",
  endNowDetail:
    "Es endet sofort, und ein anderes kann begonnen werden. Was nicht geleistet wurde, ist nicht zu bezahlen; was geleistet wurde, wird nicht mehr eingezogen, bleibt aber in den Rechnungen offen. Nichts wird gelöscht: Der Arbeitsbereich hat den kostenlosen Tarif.",
  paidOncePaid: {
    month: "{plan} für {amount} im Monat wartet",
    year: "{plan} für {amount} im Jahr wartet",
  },
  why: "Warum kündigen Sie?",
  whyHint: "Sie müssen nichts sagen; es hilft uns.",
  notSaid: "Möchte ich nicht sagen",
  reasons: {
    too_expensive: "Es kostet zu viel",
    missing_features: "Etwas fehlt",
    switched_service: "Ich nutze etwas anderes",
    unused: "Ich nutze es nicht",
    customer_service: "Die Hilfe war nicht gut",
    too_complex: "Es ist zu kompliziert",
    low_quality: "Es arbeitet nicht gut",
    other: "Etwas anderes",
  },
  comment: "Was könnte besser sein?",
  oneTrial: "Einmal testen je Person, Firma und Karte: Mit einer Karte, die schon getestet hat, wird der Tarif sofort bezahlt.",
  ended: "Das Abonnement ist beendet.",
};
