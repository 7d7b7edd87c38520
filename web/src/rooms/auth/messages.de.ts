import type { Texts } from "@/i18n/texts";
import type { auth as en } from "./messages.en";

export const auth: Texts<typeof en> = {
  tagline: "Verbinden Sie die Systeme, mit denen Sie arbeiten: zeichnen, ausführen, vertrauen.",
  signIn: "Anmelden",
  signUp: "Konto anlegen",
  name: "Ihr Name",
  email: "E-Mail-Adresse",
  password: "Passwort",
  passwordHint: "Mindestens {count} Zeichen. Ein paar Wörter merken sich leicht.",
  noAccount: "Noch kein Konto?",
  haveAccount: "Schon ein Konto?",
};
