import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function ExecutionPage() {
  const t = useTranslations("executions");
  return <Page title={t("title")}>{null}</Page>;
}
