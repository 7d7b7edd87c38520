import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function SettingsLayout() {
  const t = useTranslations("settings");
  return <Page title={t("title")}>{null}</Page>;
}
