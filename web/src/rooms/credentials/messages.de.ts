import type { Texts } from "@/i18n/texts";
import type { credentials as en } from "./messages.en";

export const credentials: Texts<typeof en> = {
  title: "Zugangsdaten",
  summary: "Schlüssel zu anderen Systemen. Sie sind verschlüsselt, gehen nur zu ihren Hosts und kommen nie hierher zurück.",
  new: "Neue Zugangsdaten",
  none: "Noch keine Zugangsdaten",
  noneHint: "Knoten, die andere Systeme aufrufen, benutzen sie. Wer hier Workflows bearbeiten darf, kann sie benutzen; lesen kann sie niemand.",
  lastUsed: "zuletzt benutzt",
  never: "nie",
  test: "Prüfen",
  edit: "Bearbeiten",
  delete: "Löschen",
  deleteTitle: "„{name}“ löschen?",
  deleteDetail: "Knoten, die sie benutzen, scheitern, bis andere gewählt sind.",
  type: "Art",
  name: "Name",
  kept: "Ist gesetzt. Leer lassen, um es zu behalten.",
  hosts: "Erlaubte Hosts",
  hostsHint: "Einer pro Zeile; *.example.com schließt alle darunter ein. Leer: jeder Host.",
  save: "Speichern",
};
