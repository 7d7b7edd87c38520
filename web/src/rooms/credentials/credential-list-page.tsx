import { useTranslations } from "use-intl";
import { Page } from "@/ui";

export function CredentialListPage() {
  const t = useTranslations("credentials");
  return <Page title={t("title")}>{null}</Page>;
}
