import { useDeferredValue, useState } from "react";
import { useTranslations } from "use-intl";
import { Button, Combobox, ErrorNotice, Spinner } from "@/ui";
import { useOptions } from "./use-options";

interface OptionListProps {
  /** Of the list, as the node's type calls it. */
  name: string;
  dependsOn: readonly string[];
  /** What is chosen, and how it was called then, if that is known. */
  value: string;
  label: string | undefined;
  mayBeEmpty: boolean;
  /** Gets undefined where nothing is chosen any more. */
  onChange: (chosen: { value: unknown; label: string } | undefined) => void;
  readOnly: boolean;
}

/** A list that the node's type gives: searched there, and shown page by page. */
export function OptionList({ name, dependsOn, value, label, mayBeEmpty, onChange, readOnly }: OptionListProps) {
  const t = useTranslations("builder");
  const [query, setQuery] = useState("");
  const [isOpen, setOpen] = useState(false);
  // What is chosen is shown by its name, which only the list knows.
  const found = useOptions(name, dependsOn, useDeferredValue(query), isOpen || (value !== "" && label === undefined));
  const all = found.data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = all.find((one) => one.value === value);
  const choices = all.map((one) => ({ key: String(one.value), label: one.label, detail: one.detail === one.label ? undefined : one.detail }));
  const none = mayBeEmpty && value !== "" && query === "" ? [{ key: "", label: t("unset"), detail: undefined }] : [];
  return (
    <Combobox
      shown={chosen?.label ?? label ?? value}
      placeholder={mayBeEmpty ? t("unset") : t("chooseOne")}
      searchLabel={t("searchOptions")}
      choices={[...none, ...choices]}
      onChoose={(key) => onChange(key === "" ? undefined : all.find((one) => String(one.value) === key))}
      query={query}
      onQuery={setQuery}
      onOpenChange={(open) => {
        setOpen(open);
        setQuery("");
      }}
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
