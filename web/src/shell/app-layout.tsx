import { Outlet, useNavigate } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { Dialog } from "radix-ui";
import { lazy, Suspense, useEffect, useState } from "react";
import { tinykeys } from "tinykeys";
import { useTranslations } from "use-intl";
import { useWorkspaceChanges } from "@/api/changes";
import { ListSkeleton } from "@/ui";
import { BillingBanner } from "./billing-banner";
import { KeyboardHelp } from "./keyboard-help";
import { Logo } from "./logo";
import { isTyping } from "./shortcuts";
import { Sidebar } from "./sidebar";

const CommandPalette = lazy(async () => ({ default: (await import("./command-palette")).CommandPalette }));

/** What surrounds every page once somebody is signed in. */
export function AppLayout() {
  const t = useTranslations("shell");
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const navigate = useNavigate();
  useWorkspaceChanges();

  useEffect(() => {
    const unlessTyping = (act: () => void) => (event: Event) => {
      if (!isTyping(event)) act();
    };
    return tinykeys(window, {
      "$mod+k": (event) => {
        event.preventDefault();
        setPalette(true);
      },
      "Shift+?": unlessTyping(() => setHelp(true)),
      "g w": unlessTyping(() => void navigate({ to: "/workflows" })),
      "g e": unlessTyping(() => void navigate({ to: "/executions" })),
    });
  }, [navigate]);

  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:shadow-pop"
      >
        {t("skip")}
      </a>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b bg-surface px-3 md:hidden">
        <Dialog.Root open={drawer} onOpenChange={setDrawer}>
          <Dialog.Trigger aria-label={t("openNavigation")} className="grid size-9 place-items-center rounded-lg text-ink-soft hover:bg-sunken">
            <MenuIcon aria-hidden className="size-5" />
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Overlay className="fixed inset-0 z-40 bg-black/45" />
            <Dialog.Content aria-describedby={undefined} className="fixed inset-y-0 left-0 z-50 bg-surface shadow-pop">
              <Dialog.Title className="sr-only">{t("mainNavigation")}</Dialog.Title>
              <Sidebar
                onGone={() => setDrawer(false)}
                onSearch={() => {
                  setDrawer(false);
                  setPalette(true);
                }}
              />
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <Logo className="size-6" />
        <span className="font-semibold">Treadle</span>
      </header>
      <aside className="hidden shrink-0 md:block">
        <Sidebar onSearch={() => setPalette(true)} />
      </aside>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <BillingBanner />
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
          <Suspense fallback={<ListSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <KeyboardHelp open={help} onOpenChange={setHelp} />
      <Suspense fallback={null}>
        {palette ? <CommandPalette onClose={() => setPalette(false)} onHelp={() => setHelp(true)} /> : null}
      </Suspense>
    </div>
  );
}
