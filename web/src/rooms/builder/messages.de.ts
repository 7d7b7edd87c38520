import type { Texts } from "@/i18n/texts";
import type { builder as en } from "./messages.en";

export const builder: Texts<typeof en> = {
  title: "Editor",
};
