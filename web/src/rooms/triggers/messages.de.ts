import type { Texts } from "@/i18n/texts";
import type { triggers as en } from "./messages.en";

export const triggers: Texts<typeof en> = {
  title: "Auslöser",
};
