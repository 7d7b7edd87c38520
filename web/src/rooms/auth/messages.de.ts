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
  invited: "{name} lädt Sie in {workspace} ein",
  invitedPlain: "Sie sind in {workspace} eingeladen",
  invitedAs: "Als {role}, mit der Adresse {email}.",
  accept: "Beitreten",
  joinWithAccount: "Melden Sie sich mit {email} an, um beizutreten.",
  joinNew: "Legen Sie Ihr Konto an, um beizutreten.",
  wrongAccount: "Sie sind als {email} angemeldet. Melden Sie sich ab, um mit einer anderen Adresse beizutreten.",
  signOut: "Abmelden",
  notValid: "Diese Einladung gilt nicht mehr",
  notValidDetail: "Sie wurde benutzt oder zurückgezogen oder ist älter als eine Woche. Bitten Sie um eine neue.",
  toApp: "Zu Ihren Workflows",
};
