import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from "react";
import { IntlProvider } from "use-intl";
import en from "./en";
import { PSEUDO, storeLocale, wantedLocale, type Locale } from "./locale";
import { pseudo } from "./pseudo";

type Messages = typeof en;
interface Language {
  locale: Locale;
  setLocale: (locale: Locale) => void;
}
const LanguageContext = createContext<Language>({ locale: "en", setLocale: () => {} });

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

async function messagesOf(locale: string): Promise<Messages> {
  if (locale === "de") return (await import("./de")).default as Messages;
  return locale === PSEUDO ? pseudo(en) : en;
}

/** Gives the app its language; it shows nothing until the catalogue is there. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [wanted, setWanted] = useState<string>(wantedLocale);
  const [loaded, setLoaded] = useState<{ wanted: string; messages: Messages } | null>(
    wanted === "en" ? { wanted, messages: en } : null,
  );
  useEffect(() => {
    let current = true;
    void messagesOf(wanted).then((messages) => current && setLoaded({ wanted, messages }));
    return () => {
      current = false;
    };
  }, [wanted]);
  const locale: Locale = loaded?.wanted === "de" ? "de" : "en";
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const setLocale = useCallback((next: Locale) => {
    storeLocale(next);
    setWanted(next);
  }, []);
  if (!loaded) return null;
  return (
    <LanguageContext value={{ locale, setLocale }}>
      <IntlProvider locale={locale} messages={loaded.messages} timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}>
        {children}
      </IntlProvider>
    </LanguageContext>
  );
}
