import { Boxes } from "lucide-react";
import { useTranslations } from "use-intl";
import { useMe } from "@/api/me";

/** Which workspace everything here belongs to. */
export function WorkspaceName() {
  const t = useTranslations("shell");
  const { workspace } = useMe();
  return (
    <p className="flex h-9 items-center gap-2 rounded-lg border px-2 text-sm" title={workspace.name}>
      <Boxes aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <span className="sr-only">{t("workspace")}: </span>
      <span className="truncate">{workspace.name}</span>
    </p>
  );
}
