import { useEffect, type ReactNode } from "react";

interface PageProps {
  title: string;
  summary?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the app: its heading, what can be done on it, and its content. */
export function Page({ title, summary, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Treadle`;
  }, [title]);
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-4 px-4 py-5 sm:px-6">
      <header className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold">{title}</h1>
          {summary ? <p className="mt-0.5 max-w-prose text-sm text-ink-soft">{summary}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}
