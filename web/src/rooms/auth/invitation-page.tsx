import { useTranslations } from "use-intl";
import { AuthFrame } from "./auth-frame";

export function InvitationPage() {
  const t = useTranslations("auth");
  return <AuthFrame title={t("accept")}>{null}</AuthFrame>;
}
