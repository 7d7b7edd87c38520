import { useTranslations } from "use-intl";
import { Field, Input, Select } from "@/ui";
import type { components } from "@/api/schema";

type Feedback = NonNullable<components["schemas"]["CancelIn"]["feedback"]>;
const REASONS: readonly Feedback[] = ["too_expensive", "missing_features", "switched_service", "unused", "customer_service", "too_complex", "low_quality", "other"];

export interface Reason {
  feedback?: Feedback;
  comment?: string;
}

/** Why somebody cancels, if they want to say so. */
export function CancelReason({ reason, onReason }: { reason: Reason; onReason: (reason: Reason) => void }) {
  const t = useTranslations("billing.remedies");
  const choose = (name: string) => {
    const feedback = REASONS.find((one) => one === name);
    onReason(feedback ? { ...reason, feedback } : {});
  };
  return (
    <div className="flex flex-col gap-3">
      <Field label={t("why")} hint={t("whyHint")}>
        <Select value={reason.feedback ?? ""} onChange={(event) => choose(event.target.value)}>
          <option value="">{t("notSaid")}</option>
          {REASONS.map((one) => (
            <option key={one} value={one}>
              {t(`reasons.${one}`)}
            </option>
          ))}
        </Select>
      </Field>
      {reason.feedback ? (
        <Field label={t("comment")}>
          <Input value={reason.comment ?? ""} maxLength={500} onChange={(event) => onReason({ ...reason, comment: event.target.value })} />
        </Field>
      ) : null}
    </div>
  );
}
