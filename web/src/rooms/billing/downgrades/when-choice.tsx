import { useTranslations } from "use-intl";
import { classes } from "@/ui";
import { useDay } from "../day";

export type When = "now" | "period_end";

interface WhenChoiceProps {
  when: When;
  onWhen: (next: When) => void;
  /** When the period ends that is paid for. */
  endsAt: string | null;
  isTrial: boolean;
}

/** Whether a change holds at once, with the difference paid or credited, or when the period ends. */
export function WhenChoice({ when, onWhen, endsAt, isTrial }: WhenChoiceProps) {
  const t = useTranslations("billing.downgrades");
  const day = useDay();
  const later = endsAt ? t(isTrial ? "whenTrialEnds" : "whenPeriodEnds", { day: day(endsAt) }) : t("whenLater");
  const options: readonly [When, string, string][] = [
    ["now", t("whenNow"), t("whenNowHint")],
    ["period_end", later, t("whenLaterHint")],
  ];
  return (
    <fieldset>
      <legend className="mb-1 text-[13px] font-medium">{t("whenTitle")}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {options.map(([value, label, hint]) => (
          <label key={value} className={classes("grid cursor-pointer grid-cols-[auto_1fr] items-start gap-x-2 rounded-lg border p-3 text-sm font-medium has-focus-visible:outline-2 has-focus-visible:outline-accent", when === value && "border-accent bg-accent-soft/50")}>
            <input type="radio" name="when" className="mt-0.5 size-4 accent-[var(--accent)]" checked={when === value} onChange={() => onWhen(value)} />
            {label}
            <span className="col-start-2 text-[13px] font-normal text-ink-soft">{hint}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
