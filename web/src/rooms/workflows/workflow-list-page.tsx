import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function WorkflowListPage() {
  const t = useTranslations("workflows");
  return <Page title={t("title")}>{null}</Page>;
}
