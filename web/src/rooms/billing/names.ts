import { useTranslations } from "use-intl";

/** What the names of the server are called on the page; one that is new stands for itself. */
export function useNames() {
  const t = useTranslations("billing.names");
  const texts = useTranslations("billing");
  const named = (group: "limits" | "features" | "meters" | "statuses" | "invoices" | "alerts") => (name: string) => {
    const key = `${group}.${name}` as Parameters<typeof t.has>[0];
    return t.has(key) ? t(key as "limits.executions") : name.replaceAll("_", " ");
  };
  return {
    limit: named("limits"),
    feature: named("features"),
    meter: named("meters"),
    status: named("statuses"),
    invoice: named("invoices"),
    alert: (name: string) => {
      const key = `payments.alertKinds.${name}` as Parameters<typeof texts.has>[0];
      return texts.has(key) ? texts(key as "payments.alertKinds.refund") : named("alerts")(name);
    },
  };
}
