import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function ExecutionListPage() {
  const t = useTranslations("executions");
  return <Page title={t("title")}>{null}</Page>;
}
