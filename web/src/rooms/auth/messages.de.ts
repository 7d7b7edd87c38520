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
  apiKeyTitle: "Ihr API-Schlüssel",
  apiKeyDetail: "Er wird nur dieses eine Mal gezeigt. Programme rufen Treadle damit auf; weitere legen Sie in den Einstellungen an.",
  goOn: "Weiter",
  invitationTitle: "{workspace} beitreten",
  invitationDetail: "Sie sind als {role} mit der Adresse {email} eingeladen.",
  accept: "Dem Arbeitsbereich beitreten",
  invitationGone: "Diese Einladung gilt nicht mehr. Bitten Sie um eine neue.",
  otherAccount: "Sie sind als {email} angemeldet. Melden Sie sich ab, um mit der eingeladenen Adresse beizutreten.",
};
