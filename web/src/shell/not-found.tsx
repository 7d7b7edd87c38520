import { Link } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button, EmptyState } from "@/ui";

export function NotFound() {
  const t = useTranslations("shell");
  return (
    <EmptyState
      icon={SearchX}
      title={t("notFound")}
      action={
        <Button asChild look="primary">
          <Link to="/workflows">{t("backHome")}</Link>
        </Button>
      }
    >
      {t("notFoundDetail")}
    </EmptyState>
  );
}
