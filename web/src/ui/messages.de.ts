import type { Texts } from "@/i18n/texts";
import type { ui as en } from "./messages.en";

export const ui: Texts<typeof en> = {
  cancel: "Abbrechen",
  close: "Schließen",
  copied: "Kopiert",
  copy: "Kopieren",
  loading: "Wird geladen",
  tryAgain: "Erneut versuchen",
  unexpected: "Etwas Unerwartetes ist passiert",
  save: "Speichern",
  delete: "Löschen",
  search: "Suchen",
  notice: "Hinweis",
  more: "Mehr laden",
  seePlans: "Tarife ansehen",
  actions: "Aktionen",
  status: {
    queued: "Eingereiht",
    running: "Läuft",
    waiting: "Wartet",
    retrying: "Neuer Versuch",
    interrupted: "Unterbrochen",
    succeeded: "Erfolgreich",
    failed: "Fehlgeschlagen",
    cancelled: "Abgebrochen",
    skipped: "Übersprungen",
    listening: "Lauscht",
    catching_up: "Holt auf",
    degraded: "Gestört",
    stopped: "Angehalten",
  },
};
