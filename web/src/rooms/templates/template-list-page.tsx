import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function TemplateListPage() {
  const t = useTranslations("templates");
  return <Page title={t("title")}>{null}</Page>;
}
