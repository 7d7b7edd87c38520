import { Plus, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Button, IconButton, Menu, MenuItem } from "@/ui";
import type { Schema } from "./json-schema";

interface Member {
  name: string;
  schema: Schema;
}

interface CollectionFieldProps {
  title: string;
  members: readonly Member[];
  isSet: (name: string) => boolean;
  /** Gets undefined for one that is taken away. */
  onSet: (name: string, value: unknown) => void;
  readOnly: boolean;
  field: (name: string) => ReactNode;
}

/** Parameters that are rarely needed: those that are set, and a menu of the others. */
export function CollectionField({ title, members, isSet, onSet, readOnly, field }: CollectionFieldProps) {
  const t = useTranslations("builder");
  const [added, setAdded] = useState<readonly string[]>([]);
  const isShown = ({ name }: Member) => isSet(name) || added.includes(name);
  const others = members.filter((one) => !isShown(one));
  const add = ({ name, schema }: Member) => {
    // One without a value of its own is there only here, until somebody gives it one.
    setAdded([...added, name]);
    if (schema.default !== undefined && schema.default !== null) onSet(name, schema.default);
  };
  const remove = (name: string) => {
    setAdded(added.filter((one) => one !== name));
    onSet(name, undefined);
  };
  const titleOf = ({ name, schema }: Member) => schema.title ?? name;
  return (
    <fieldset className="flex flex-col gap-3 border-t pt-3">
      <legend className="sr-only">{title}</legend>
      <div className="flex items-center justify-between gap-2">
        <span aria-hidden className="text-[13px] font-medium">
          {title}
        </span>
        {readOnly || others.length === 0 ? null : (
          <Menu
            trigger={
              <Button size="small">
                <Plus aria-hidden />
                {t("addOption")}
              </Button>
            }
          >
            {others.map((one) => (
              <MenuItem key={one.name} onSelect={() => add(one)}>
                {titleOf(one)}
              </MenuItem>
            ))}
          </Menu>
        )}
      </div>
      {members.filter(isShown).map((one) => (
        <div key={one.name} className="flex items-start gap-1">
          <div className="min-w-0 flex-1">{field(one.name)}</div>
          {readOnly ? null : (
            <IconButton size="small" className="-mt-1.5 shrink-0" label={t("removeGroup", { name: titleOf(one) })} onClick={() => remove(one.name)}>
              <X aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {members.some(isShown) ? null : <p className="text-[13px] text-ink-faint">{t("noOptionAdded")}</p>}
    </fieldset>
  );
}
