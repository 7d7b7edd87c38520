import { Link, Outlet } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useMe } from "@/api/me";
import { Page } from "@/ui";
import { sectionsOf } from "./sections";

export function SettingsLayout() {
  const t = useTranslations("settings");
  const shown = sectionsOf(useMe());
  return (
    <Page title={t("title")}>
      <div className="grid gap-5 md:grid-cols-[180px_1fr]">
        <nav aria-label={t("sections")} className="flex gap-1 overflow-x-auto md:flex-col">
          {shown.map((one) => (
            <Link
              key={one.name}
              to="/settings/$section"
              params={{ section: one.name }}
              className="rounded-lg px-3 py-1.5 text-sm whitespace-nowrap text-ink-soft hover:bg-sunken"
              activeProps={{ className: "bg-accent-soft font-medium text-accent-text" }}
            >
              {t(one.name)}
            </Link>
          ))}
        </nav>
        <div className="min-w-0">
          <Outlet />
        </div>
      </div>
    </Page>
  );
}
