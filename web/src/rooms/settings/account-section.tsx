import { useTranslations } from "use-intl";
import { useMe } from "@/api/me";
import { useLanguage } from "@/i18n/provider";
import { setTheme, THEMES, useTheme, type Theme } from "@/shell/theme";
import { Card, Field, Input, Select } from "@/ui";
import { NameForm } from "./name-form";
import { PasswordForm } from "./password-form";

export function AccountSection() {
  const t = useTranslations("settings");
  const shell = useTranslations("shell");
  const { user, workspace } = useMe();
  const theme = useTheme();
  const { locale, setLocale } = useLanguage();
  const names: Record<Theme, string> = { light: shell("themeLight"), dark: shell("themeDark"), system: shell("themeSystem") };
  return (
    <div className="flex max-w-xl flex-col gap-4">
      <Card className="flex flex-col gap-4 p-5">
        <h2 className="font-medium">{t("account")}</h2>
        <NameForm name={user.name} />
        <Field label={t("yourEmail")}>
          <Input value={user.email} readOnly />
        </Field>
        <Field label={t("yourRole")} hint={t(`roles.${workspace.role}`)}>
          <Input value={`${workspace.name} · ${workspace.role}`} readOnly />
        </Field>
        <Field label={shell("theme")}>
          <Select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
            {THEMES.map((one) => (
              <option key={one} value={one}>
                {names[one]}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={shell("language")}>
          <Select value={locale} onChange={(event) => setLocale(event.target.value as "en" | "de")}>
            <option value="en">English</option>
            <option value="de">Deutsch</option>
          </Select>
        </Field>
      </Card>
      <PasswordForm email={user.email} />
    </div>
  );
}
