import type { Texts } from "@/i18n/texts";
import type { administratorAlerts as english } from "./administrator-alerts-messages.en";

export const administratorAlerts: Texts<typeof english> = {
  title: "Meldungen zur Abrechnung",
  none: "Nichts zu melden",
  noneHint: "Wenn Stripe Verbrauch ablehnt, eine Rückzahlung misslingt oder ein Arbeitsbereich doppelt zahlt, steht es hier und kommt per Mail.",
  facts: "Was bekannt ist",
  factNames: {
    job: "Arbeit",
    failures: "Fehlschläge in Folge",
    workspace_id: "Arbeitsbereich",
    amount: "Betrag",
    currency: "Währung",
    reason: "Grund",
    error: "Fehler",
    subscription: "Abonnement",
    customer: "Kunde",
    charge: "Zahlung",
    invoice: "Rechnung",
    quantity: "Menge",
    since: "Seit",
  },
  kinds: {
    refused_usage: {
      title: "Stripe hat geschuldeten Verbrauch abgelehnt",
      remedy: "Es wird wieder versucht. Sehen Sie sich den Fehler an; solange er besteht, steht dieser Verbrauch auf keiner Rechnung.",
    },
    second_subscription: {
      title: "Ein Arbeitsbereich hat ein zweites Abonnement bezahlt",
      remedy: "Das zweite wurde sofort beendet, und was dafür bezahlt wurde, wird zurückgezahlt. Zu tun ist nichts, außer die Rückzahlung misslingt.",
    },
    account_unreadable: {
      title: "Ein Konto war seit einer Stunde bei Stripe nicht zu lesen",
      remedy: "Es wird wieder versucht. Bis dahin behält der Arbeitsbereich, was er hatte; sehen Sie sich den Fehler an.",
    },
    customer_deleted: {
      title: "Ein Kunde wurde bei Stripe gelöscht",
      remedy: "Der Arbeitsbereich hat den Tarif Free; ein neuer Kunde wird angelegt, wenn er wieder abonniert.",
    },
    foreign_subscription: {
      title: "Ein Kunde hat ein Abonnement, das nicht von Treadle ist",
      remedy: "Treadle lässt es, wie es ist. Beenden Sie es bei Stripe, wenn es nicht neben dem von Treadle bezahlt werden soll.",
    },
    refund_failed: { title: "Eine Rückzahlung ist misslungen", remedy: "Das Geld liegt noch bei Stripe. Zahlen Sie es anders zurück, oder versuchen Sie es noch einmal." },
    housekeeping_failing: {
      title: "Eine Nebenarbeit schlägt immer wieder fehl",
      remedy: "Sie wird weiter versucht, immer seltener, und nichts anderes wartet darauf. Der Fehler steht hier; mehr sagt das Protokoll des Zeitplaners.",
    },
    payment_disputed: { title: "Ein Kunde bestreitet eine Zahlung", remedy: "Antworten Sie im Dashboard von Stripe, bevor die Frist abläuft." },
  },
};
