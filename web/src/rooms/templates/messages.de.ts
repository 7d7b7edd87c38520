import type { Texts } from "@/i18n/texts";
import type { templates as en } from "./messages.en";

export const templates: Texts<typeof en> = {
  title: "Vorlagen",
};
