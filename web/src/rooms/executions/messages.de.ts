import type { Texts } from "@/i18n/texts";
import type { executions as en } from "./messages.en";

export const executions: Texts<typeof en> = {
  title: "Ausführungen",
};
