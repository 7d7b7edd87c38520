import type { Texts } from "@/i18n/texts";
import type { credentials as en } from "./messages.en";

export const credentials: Texts<typeof en> = {
  title: "Zugangsdaten",
};
