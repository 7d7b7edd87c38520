import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button, Keys } from "@/ui";
import { AccountMenu } from "./account-menu";
import { Logo } from "./logo";
import { PLACES } from "./navigation";
import { WorkspaceMenu } from "./workspace-menu";

export function Sidebar({ onSearch, onGone }: { onSearch: () => void; onGone?: () => void }) {
  const t = useTranslations("shell");
  return (
    <div className="flex h-full w-56 flex-col gap-1 border-r bg-surface p-3">
      <div className="mb-1 flex items-center gap-2 px-2 py-1">
        <Logo className="size-7" />
        <span className="text-[17px] font-semibold tracking-tight">Treadle</span>
      </div>
      <WorkspaceMenu />
      <Button onClick={onSearch} size="small" className="my-1 justify-between text-ink-faint">
        <span className="inline-flex items-center gap-2">
          <Search aria-hidden />
          {t("commands")}
        </span>
        <Keys keys="Mod+K" />
      </Button>
      <nav aria-label={t("mainNavigation")} className="flex flex-col gap-0.5">
        {PLACES.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            onClick={onGone}
            className="flex h-9 items-center gap-2.5 rounded-lg px-2 text-sm text-ink-soft hover:bg-sunken hover:text-ink [&_svg]:size-4"
            activeProps={{ className: "bg-accent-soft font-medium text-accent-text hover:bg-accent-soft hover:text-accent-text" }}
          >
            <place.icon aria-hidden />
            {t(place.text)}
          </Link>
        ))}
      </nav>
      <div className="mt-auto">
        <AccountMenu />
      </div>
    </div>
  );
}
