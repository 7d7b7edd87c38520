import type { Texts } from "@/i18n/texts";
import type { data as en } from "./messages.en";

export const data: Texts<typeof en> = {
  nothing: "Noch keine Daten.",
  itemFailed: "Gescheitert: {message}",
  ports: "Anschlüsse",
  view: "Ansicht",
  items: "{count, plural, one {# Item} other {# Items}}",
  table: "Tabelle",
  json: "JSON",
  schema: "Schema",
  download: "Als JSON herunterladen",
  files: "Dateien",
  downloadFile: "{name} herunterladen, {size}",
  moreFiles: "{count} weitere",
  insert: "{field} einfügen",
};
