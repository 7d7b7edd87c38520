import { useFormatter, useLocale, useTranslations } from "use-intl";
import { useMe } from "@/api/me";
import { Checkbox } from "@/ui";
import { useDay } from "../day";
import { useNames } from "../names";
import { limitText } from "../quantity";
import { CHOSEN_AS, toggled, type Stopping, type TooMuch } from "./too-much";

interface TooMuchListProps {
  found: readonly TooMuch[];
  /** Where something can be chosen: what is, and what happens to it. */
  stopping?: Stopping;
  onStopping?: (next: Stopping) => void;
}

/** What is beyond a plan, what becomes of it, and what of it is to stop. */
export function TooMuchList({ found, stopping, onStopping }: TooMuchListProps) {
  const t = useTranslations("billing.downgrades");
  return (
    <ul aria-label={t("listTitle")} className="flex flex-col divide-y rounded-lg border text-sm">
      {found.map((one) => (
        <li key={`${one.name} ${one.effect}`} className="flex flex-col gap-1.5 p-3">
          <TooMuchEntry one={one} {...(stopping && onStopping ? { stopping, onStopping } : {})} />
        </li>
      ))}
    </ul>
  );
}

function TooMuchEntry({ one, stopping, onStopping }: Omit<TooMuchListProps, "found"> & { one: TooMuch }) {
  const t = useTranslations("billing.downgrades");
  const names = useNames();
  const locale = useLocale();
  const day = useDay();
  const isFeature = one.effect === "not_available" || one.effect === "cannot_be_changed";
  const name = isFeature ? names.feature(one.name) : names.limit(one.name);
  const kind = CHOSEN_AS[one.name as keyof typeof CHOSEN_AS] as keyof Stopping | undefined;
  const days = one.at ? day(one.at) : "";
  const count = kind ? one.used - one.limit : Number(one.items[0]?.name ?? 0);
  return (
    <>
      <p className="flex flex-wrap justify-between gap-x-3 font-medium">
        {name}
        {isFeature ? null : (
          <span className="font-normal whitespace-nowrap text-ink-soft tabular-nums">
            {t("usedOfLimit", { used: limitText(one.name, one.used, locale), limit: limitText(one.name, one.limit, locale) })}
          </span>
        )}
      </p>
      <p className="text-ink-soft">{t(`effects.${one.effect}`, { count, day: days })}</p>
      {kind && stopping && onStopping ? (
        <ChoiceOf one={one} chosen={stopping[kind]} label={t(`choose.${kind}`)} onChosen={(next) => onStopping({ ...stopping, [kind]: next })} />
      ) : null}
      {!kind && one.effect !== "deleted" && one.items.length > 0 ? <ItemsOf one={one} /> : null}
    </>
  );
}

function ItemsOf({ one }: { one: TooMuch }) {
  const locale = useLocale();
  return (
    <ul className="flex flex-col gap-0.5 text-[13px] text-ink-soft">
      {one.items.map((item, index) => (
        <li key={index} className="flex flex-wrap justify-between gap-x-3">
          <span className="min-w-0 break-words">{item.name}</span>
          {item.detail ? <span className="whitespace-nowrap tabular-nums">{limitText(one.name, Number(item.detail), locale)}</span> : null}
        </li>
      ))}
    </ul>
  );
}

interface ChoiceOfProps {
  one: TooMuch;
  chosen: ReadonlySet<string>;
  label: string;
  onChosen: (next: ReadonlySet<string>) => void;
}

function ChoiceOf({ one, chosen, label, onChosen }: ChoiceOfProps) {
  const t = useTranslations("billing.downgrades");
  const roles = useTranslations("settings.roleNames");
  const format = useFormatter();
  const { user } = useMe();
  const detail = (text: string) => {
    if (one.name === "members") return roles(text as "owner");
    return text ? t("ranOn", { day: format.dateTime(new Date(text), { dateStyle: "medium" }) }) : t("neverRan");
  };
  return (
    <fieldset>
      <legend className="mb-1 text-[13px] font-medium">{label}</legend>
      <div className="flex max-h-56 flex-col gap-0.5 overflow-y-auto">
        {one.items
          .filter((item) => item.id !== user.id)
          .map((item) => (
            <Checkbox
              key={item.id}
              checked={chosen.has(item.id)}
              onChange={() => onChosen(toggled(chosen, item.id))}
              label={
                <>
                  {item.name} <span className="text-[13px] text-ink-faint">{detail(item.detail)}</span>
                </>
              }
            />
          ))}
      </div>
      <p aria-live="polite" className="mt-1 text-[13px] text-ink-soft">
        {chosen.size < one.used - one.limit ? t("stillTooMany", { count: one.used - one.limit - chosen.size }) : t("fits")}
      </p>
    </fieldset>
  );
}
