import type { ErrorComponentProps } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Problem } from "@/api/problem";
import { Button, ErrorNotice } from "@/ui";
import { NotFound } from "./not-found";

/** Stands where a page could not be shown; the rest of the app goes on. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const t = useTranslations("shell");
  const ui = useTranslations("ui");
  if (error instanceof Problem && error.status === 404) return <NotFound />;
  return (
    <div className="mx-auto flex max-w-xl flex-col gap-3 px-4 py-14">
      <h1 className="text-lg font-semibold">{t("crashed")}</h1>
      <p className="text-sm text-ink-soft">{t("crashedDetail")}</p>
      <ErrorNotice error={error} />
      <Button look="primary" className="self-start" onClick={reset}>
        {ui("tryAgain")}
      </Button>
    </div>
  );
}
