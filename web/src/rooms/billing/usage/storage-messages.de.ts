export const storage = {
  title: "Jetzt gespeichert",
  stored: "{bytes} insgesamt.",
  storedOf: "{bytes} von {included}.",
  measured: "Gemessen",
  notYet: "Gemessen wird einmal in der Stunde; bisher noch nicht.",
  kinds: {
    events: "Was Auslöser brachten",
    steps: "Ausgaben und Protokolle von Schritten",
    executions: "Ausführungen",
    workflows: "Workflows, Entwürfe und Auslöser",
    versions: "Versionen von Workflows",
    node_history: "Was Knoten sich merken",
    credentials: "Zugangsdaten und Variablen",
    files: "Dateien",
  },
};
