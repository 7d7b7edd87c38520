import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Keyboard, LogOut, Moon, Plus, Sun, Workflow } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { SearchDialog } from "@/ui/search-dialog";
import { api, body } from "@/api/client";
import { PLACES } from "./navigation";
import { setTheme } from "./theme";
import { useSignOut } from "./sign-out";

interface CommandPaletteProps {
  onClose: () => void;
  onHelp: () => void;
}

const MOST_WORKFLOWS = 100;

export function CommandPalette({ onClose, onHelp }: CommandPaletteProps) {
  const t = useTranslations("shell");
  const navigate = useNavigate();
  const signOut = useSignOut();
  const workflows = useQuery({
    queryKey: ["workflows", "palette"],
    queryFn: () => body(api.GET("/api/v1/workflows", { params: { query: { limit: MOST_WORKFLOWS } } })),
  });
  const choose = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <SearchDialog label={t("commands")} placeholder={t("commandsHint")} nothing={t("noResult")} onClose={onClose}>
        <Command.Group heading={t("actions")}>
          <Item icon={<Plus aria-hidden />} onSelect={choose(() => void navigate({ to: "/workflows", search: { new: true } }))}>
            {t("newWorkflow")}
          </Item>
          <Item icon={<Keyboard aria-hidden />} onSelect={choose(onHelp)}>
            {t("keyboardHelp")}
          </Item>
          <Item icon={<Sun aria-hidden />} onSelect={choose(() => setTheme("light"))}>
            {`${t("theme")}: ${t("themeLight")}`}
          </Item>
          <Item icon={<Moon aria-hidden />} onSelect={choose(() => setTheme("dark"))}>
            {`${t("theme")}: ${t("themeDark")}`}
          </Item>
          <Item icon={<LogOut aria-hidden />} onSelect={choose(() => void signOut())}>
            {t("signOut")}
          </Item>
        </Command.Group>
        <Command.Group heading={t("goTo")}>
          {PLACES.map((place) => (
            <Item key={place.to} icon={<place.icon aria-hidden />} onSelect={choose(() => void navigate({ to: place.to }))}>
              {t(place.text)}
            </Item>
          ))}
        </Command.Group>
        {workflows.data && workflows.data.items.length > 0 ? (
          <Command.Group heading={t("workflows")}>
            {workflows.data.items.map((workflow) => (
              <Item
                key={workflow.id}
                value={`${workflow.name} ${workflow.id}`}
                icon={<Workflow aria-hidden />}
                onSelect={choose(() => void navigate({ to: "/workflows/$workflowId", params: { workflowId: workflow.id } }))}
              >
                {workflow.name}
              </Item>
            ))}
          </Command.Group>
        ) : null}
    </SearchDialog>
  );
}

function Item({ icon, value, onSelect, children }: { icon: ReactNode; value?: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      {...(value === undefined ? {} : { value })}
      onSelect={onSelect}
      className="flex h-9 items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent-text [&_svg]:size-4"
    >
      {icon}
      <span className="truncate">{children}</span>
    </Command.Item>
  );
}
