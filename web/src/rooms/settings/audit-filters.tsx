import { useTranslations } from "use-intl";
import { Field, Input } from "@/ui";

export interface AuditFilter {
  action?: string;
  actor?: string;
  /** As the browser's own field for a moment gives it, in the reader's zone. */
  from?: string;
  to?: string;
}

/** The filter as the API takes it. */
export function queryOf({ action, actor, from, to }: AuditFilter): Record<string, string> {
  return {
    ...(action ? { action } : {}),
    ...(actor ? { actor } : {}),
    ...(from ? { from: new Date(from).toISOString() } : {}),
    ...(to ? { to: new Date(to).toISOString() } : {}),
  };
}

interface AuditFiltersProps {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
}

export function AuditFilters({ filter, onChange }: AuditFiltersProps) {
  const t = useTranslations("settings");
  const word = (name: "action" | "actor", label: string, hint: string) => (
    <Field label={label} hint={hint} className="min-w-44 flex-1">
      <Input
        defaultValue={filter[name] ?? ""}
        spellCheck={false}
        onBlur={(event) => onChange({ ...filter, [name]: event.target.value.trim() })}
        onKeyDown={(event) => event.key === "Enter" && onChange({ ...filter, [name]: event.currentTarget.value.trim() })}
      />
    </Field>
  );
  const moment = (name: "from" | "to", label: string) => (
    <Field label={label} className="min-w-44 flex-1">
      <Input type="datetime-local" value={filter[name] ?? ""} onChange={(event) => onChange({ ...filter, [name]: event.target.value })} />
    </Field>
  );
  return (
    <div role="search" aria-label={t("audit-log")} className="flex flex-1 flex-wrap items-start gap-3">
      {word("action", t("action"), t("actionHint"))}
      {word("actor", t("actor"), t("actorHint"))}
      {moment("from", t("since"))}
      {moment("to", t("until"))}
    </div>
  );
}
