import { useQuery } from "@tanstack/react-query";
import { CornerLeftUp } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton, Menu, MenuItem, MenuLabel } from "@/ui";
import { ancestorsQuery, type ItemPlace, type Side } from "./execution-queries";

interface OriginMenuProps {
  executionId: string;
  side: Side;
  place: ItemPlace;
  nameOf: (nodeId: string) => string;
  /** Show an item of another step. */
  onJump: (place: ItemPlace) => void;
}

/** The items of earlier steps that an item came from, each a way to it. */
export function OriginMenu({ executionId, side, place, nameOf, onJump }: OriginMenuProps) {
  const t = useTranslations("executions");
  const [open, setOpen] = useState(false);
  const found = useQuery({ ...ancestorsQuery(executionId, side, place), enabled: open });
  const label = t("cameFrom", { index: place.index });
  return (
    <Menu
      align="start"
      onOpenChange={setOpen}
      trigger={
        <IconButton size="small" label={label} className="size-6 align-middle text-ink-faint">
          <CornerLeftUp aria-hidden className="size-3.5" />
        </IconButton>
      }
    >
      <MenuLabel>{label}</MenuLabel>
      {found.isPending ? <MenuLabel>…</MenuLabel> : null}
      {found.isError ? <MenuLabel>{t("originUnknown")}</MenuLabel> : null}
      {found.data?.items.length === 0 ? <MenuLabel>{t("cameWithEvent")}</MenuLabel> : null}
      {found.data?.items.map((one) => (
        <MenuItem key={`${one.node_id}:${one.run_index}:${one.port}:${one.index}`} onSelect={() => onJump(one)}>
          {nameOf(one.node_id)}
          {one.run_index > 0 ? <span className="text-ink-faint"> · {one.run_index + 1}</span> : null}
          <span className="text-ink-soft"> · {t("showItem", { index: one.index })}</span>
          {one.port === "main" ? null : <span className="text-ink-faint"> · {one.port}</span>}
        </MenuItem>
      ))}
      {found.data?.truncated ? <MenuLabel>{t("moreOrigins")}</MenuLabel> : null}
    </Menu>
  );
}
