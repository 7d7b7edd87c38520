import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function BuilderPage() {
  const t = useTranslations("builder");
  return <Page title={t("title")}>{null}</Page>;
}
