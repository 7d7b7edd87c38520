import { Check, CircleUser, Languages, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "use-intl";
import { useMe } from "@/api/me";
import { useLanguage } from "@/i18n/provider";
import { Button, Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui";
import { setTheme, useTheme } from "./theme";
import { useSignOut } from "./sign-out";

const LANGUAGES = [
  ["en", "English"],
  ["de", "Deutsch"],
] as const;

export function AccountMenu() {
  const t = useTranslations("shell");
  const { user } = useMe();
  const theme = useTheme();
  const { locale, setLocale } = useLanguage();
  const signOut = useSignOut();
  const themes = [
    ["light", t("themeLight"), Sun],
    ["dark", t("themeDark"), Moon],
    ["system", t("themeSystem"), Monitor],
  ] as const;
  return (
    <Menu
      align="start"
      trigger={
        <Button look="ghost" className="w-full justify-start px-2" aria-label={`${t("account")}: ${user.name}`}>
          <CircleUser aria-hidden />
          <span className="truncate">{user.name}</span>
        </Button>
      }
    >
      <MenuLabel>{user.email}</MenuLabel>
      <MenuSeparator />
      <MenuLabel>{t("theme")}</MenuLabel>
      {themes.map(([value, text, Icon]) => (
        <MenuItem key={value} icon={theme === value ? <Check aria-hidden /> : <Icon aria-hidden />} onSelect={() => setTheme(value)}>
          {text}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuLabel>{t("language")}</MenuLabel>
      {LANGUAGES.map(([value, text]) => (
        <MenuItem key={value} icon={locale === value ? <Check aria-hidden /> : <Languages aria-hidden />} onSelect={() => setLocale(value)}>
          {text}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut()}>
        {t("signOut")}
      </MenuItem>
    </Menu>
  );
}
