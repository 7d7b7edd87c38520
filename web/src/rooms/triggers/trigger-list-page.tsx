import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function TriggerListPage() {
  const t = useTranslations("triggers");
  return <Page title={t("title")}>{null}</Page>;
}
