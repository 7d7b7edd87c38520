import type { Texts } from "@/i18n/texts";
import type { triggers as en } from "./messages.en";

export const triggers: Texts<typeof en> = {
  title: "Auslöser",
  summary: "Was Ihre Workflows startet, und wie es jedem davon geht.",
  none: "Noch kein Auslöser",
  noneHint: "Veröffentlichen Sie einen Workflow mit Webhook oder Zeitplan, und er erscheint hier mit seinem Zustand.",
  toWorkflows: "Zu den Workflows",
  lastEvent: "Letztes Ereignis",
  lastCheck: "Letzte Prüfung",
  nextCheck: "Nächste",
  lag: "Verspätet um",
  seconds: "{seconds} s",
  never: "nie",
  sendTest: "Testereignis senden",
  sendTestDetail: "Ein echtes Ereignis: der Workflow läuft.",
  copyAddress: "Adresse kopieren",
  send: "Senden",
  bodyAsJson: "Inhalt als JSON",
  answer: "Antwort {status}",
  nextStarts: "Nächste Starts ({timezone})",
  refusals: "Abgelehnte Anfragen",
  refused: "{count, plural, one {Eine Anfrage wurde abgelehnt.} other {# Anfragen wurden abgelehnt.}}",
  lastRefused: "Die letzte",
  log: "{count, plural, one {Protokoll: eine Zeile} other {Protokoll: # Zeilen}}",
  runNow: "Jetzt einmal ausführen",
  every: {
    seconds: "{count, plural, one {Jede Sekunde} other {Alle # Sekunden}}",
    minutes: "{count, plural, one {Jede Minute} other {Alle # Minuten}}",
    hours: "{count, plural, one {Jede Stunde} other {Alle # Stunden}}",
    days: "{count, plural, one {Jeden Tag} other {Alle # Tage}}",
  },
};
