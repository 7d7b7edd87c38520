import type { Texts } from "@/i18n/texts";
import type { canvas as en } from "./messages.en";

export const canvas: Texts<typeof en> = {
  missingType: "Nicht installiert: {type}",
  pinned: "Seine Ausgabe ist festgehalten",
  disabled: "Abgeschaltet",
  problems: "{count, plural, one {# Problem} other {# Probleme}}",
  note: "Haftnotiz",
  itemCount: "{count, plural, one {# Item} other {# Items}}",
  insertHere: "Hier einen Knoten einfügen",
  disconnect: "Verbindung entfernen",
  marks: { added: "neu", removed: "entfernt", changed: "geändert" },
};
