import type { Texts } from "@/i18n/texts";
import type { settings as en } from "./messages.en";

export const settings: Texts<typeof en> = {
  title: "Einstellungen",
};
