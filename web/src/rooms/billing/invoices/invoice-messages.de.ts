import type { Texts } from "@/i18n/texts";
import type { invoiceFacts as en } from "./invoice-messages.en";

export const invoiceFacts: Texts<typeof en> = {
  issued: "Ausgestellt am",
  period: "Zeitraum",
  due: "Fällig am",
  seller: "Von",
  subtotal: "Zwischensumme",
  discount: "Rabatt",
  net: "Summe ohne Steuer",
  tax: "Steuer",
  taxOn: "{tax} auf {net}",
  taxIncluded: "Enthält {tax} auf {net}",
  total: "Gesamtbetrag",
  balance: {
    balance_used: "Aus dem Guthaben bezahlt",
    balance_added: "Dem Guthaben hinzugefügt",
    balance_owed: "Offen aus früheren Rechnungen",
    balance_carried: "Auf die nächste Rechnung übertragen",
  },
  credited: "Rechnungskorrekturen",
  paid: "Bezahlt",
  remaining: "Noch fällig",
  reverseCharge: "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge).",
  notes: {
    unused: "Erstattung für nicht genutzte Zeit",
    remaining: "Für die verbleibende Zeit",
    usage: "Nutzung über den Tarif hinaus",
    late_usage: "Nutzung, die nach der Abrechnung ihres Zeitraums erfasst wurde",
    trial: "Testzeitraum",
  },
  receipt: "Zahlungsbeleg",
  receiptNamed: "Zahlungsbeleg zu Rechnung {number} herunterladen",
  language: "Sprache der Rechnungen",
  languageHint: "Ab der nächsten Rechnung; sie gilt auch für Zahlungsbelege und Korrekturen.",
  languageOfSeller: "Die des Anbieters",
};
