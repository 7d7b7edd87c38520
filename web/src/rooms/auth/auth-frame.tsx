import { useEffect, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Logo } from "@/shell/logo";
import { Card } from "@/ui";

export function AuthFrame({ title, children, below }: { title: string; children: ReactNode; below?: ReactNode }) {
  const t = useTranslations("auth");
  useEffect(() => {
    document.title = `${title} · Treadle`;
  }, [title]);
  return (
    <main className="grid min-h-full place-items-center px-4 py-10">
      <div className="flex w-full max-w-sm flex-col gap-5">
        <div className="flex flex-col items-center gap-2 text-center">
          <Logo className="size-11" />
          <p className="text-2xl font-semibold tracking-tight">Treadle</p>
          <p className="text-sm text-ink-soft">{t("tagline")}</p>
        </div>
        <Card className="p-5 shadow-pop">
          <h1 className="mb-4 text-lg font-semibold">{title}</h1>
          {children}
        </Card>
        {below ? <p className="text-center text-sm text-ink-soft">{below}</p> : null}
      </div>
    </main>
  );
}
