import { useDeferredValue, useState } from "react";
import { useTranslations } from "use-intl";
import { Button, Combobox, ErrorNotice, Field, Spinner } from "@/ui";
import { ExpressionField } from "../expression/expression-field";
import type { Schema } from "./json-schema";
import { useOptions } from "./use-options";

interface OptionFieldProps {
  label: string;
  hint: string | undefined;
  error: string | undefined;
  required: boolean;
  schema: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
}

/** A parameter that is chosen from a list, or written: an id, an address, an expression. */
export function OptionField({ label, hint, error, required, schema, value, onChange, readOnly }: OptionFieldProps) {
  const t = useTranslations("builder");
  const text = typeof value === "string" ? value : "";
  const isTemplate = schema["x-input"] === "template";
  const [mode, setMode] = useState<"list" | "written">(text.includes("{{") ? "written" : "list");
  const other = mode === "list" ? "written" : "list";
  const swap = readOnly ? null : (
    <button type="button" className="text-xs text-accent-text underline underline-offset-2" aria-label={t(`${other}Of`, { name: label })} onClick={() => setMode(other)}>
      {t(other)}
    </button>
  );
  if (mode === "written" && isTemplate) {
    return (
      <div className="relative">
        <div className="absolute top-0 right-0">{swap}</div>
        <ExpressionField label={label} value={text} onChange={onChange} isTemplate error={error} readOnly={readOnly} required={required} description={hint} />
      </div>
    );
  }
  return (
    <Field label={label} hint={hint} error={error} required={required} aside={isTemplate ? swap : undefined}>
      <ListOfOptions name={schema["x-options"] ?? ""} dependsOn={schema["x-depends-on"] ?? []} value={text} onChange={onChange} readOnly={readOnly} />
    </Field>
  );
}

function ListOfOptions({ name, dependsOn, value, onChange, readOnly }: { name: string; dependsOn: readonly string[]; value: string; onChange: (value: unknown) => void; readOnly: boolean }) {
  const t = useTranslations("builder");
  const [query, setQuery] = useState("");
  const [isOpen, setOpen] = useState(false);
  // What is chosen is shown by its name, which only the list knows.
  const found = useOptions(name, dependsOn, useDeferredValue(query), isOpen || value !== "");
  const all = found.data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = all.find((one) => one.value === value);
  return (
    <Combobox
      shown={chosen?.label ?? value}
      placeholder={t("chooseOne")}
      searchLabel={t("searchOptions")}
      choices={all.map((one) => ({ key: String(one.value), label: one.label, detail: one.detail === one.label ? undefined : one.detail }))}
      onChoose={(key) => onChange(all.find((one) => String(one.value) === key)?.value)}
      query={query}
      onQuery={setQuery}
      onOpenChange={setOpen}
      disabled={readOnly}
      footer={
        <div className="flex flex-col gap-1 p-1 empty:hidden">
          {found.isFetching ? (
            <p role="status" className="flex items-center gap-2 px-2 py-1.5 text-ink-faint">
              <Spinner /> {t("loadingOptions")}
            </p>
          ) : null}
          {found.error ? <ErrorNotice error={found.error} onRetry={() => void found.refetch()} /> : null}
          {!found.isFetching && !found.error && all.length === 0 ? <p className="px-2 py-1.5 text-ink-faint">{t("noOptions")}</p> : null}
          {found.hasNextPage && !found.isFetching ? (
            <Button size="small" onClick={() => void found.fetchNextPage()}>
              {t("moreOptions")}
            </Button>
          ) : null}
        </div>
      }
    />
  );
}
