import type { Texts } from "@/i18n/texts";
import type { workflows as en } from "./messages.en";

export const workflows: Texts<typeof en> = {
  title: "Workflows",
};
