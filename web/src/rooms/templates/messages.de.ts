import type { Texts } from "@/i18n/texts";
import type { templates as en } from "./messages.en";

export const templates: Texts<typeof en> = {
  title: "Vorlagen",
  summary: "Workflows für den Anfang. Jeder läuft, wie er ist: ein fremdes Konto braucht es nicht.",
  use: "Verwenden",
  useNamed: "Verwenden: {template}",
  basics: "Grundlagen",
  python: "Python",
  webhooks: "Webhooks",
  schedules: "Zeitpläne",
  data: "Daten",
  reliability: "Zuverlässigkeit",
  search: "Vorlagen suchen",
  all: "Alle",
  categories: "Kategorien",
  none: "Keine Vorlage passt",
  noneHint: "Versuchen Sie ein anderes Wort oder eine andere Kategorie.",
  run: "Benutzen und ausführen",
  runNamed: "Benutzen und ausführen: {template}",
};
