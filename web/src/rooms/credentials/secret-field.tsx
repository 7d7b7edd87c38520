import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { Field, Input, Select } from "@/ui";

interface SecretFieldProps {
  field: components["schemas"]["CredentialFieldOut"];
  /** It is set already and may be left empty. */
  isKept: boolean;
  value: string | undefined;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** One field of a credential; what is secret goes in and never comes back. */
export function SecretField({ field, isKept, value, error, onChange }: SecretFieldProps) {
  const t = useTranslations("credentials");
  return (
    <Field label={field.title} required={field.required && !isKept} hint={isKept ? t("kept") : undefined} error={error}>
      {field.choices.length > 0 ? (
        <Select value={value ?? field.default} onChange={(event) => onChange(event.target.value)}>
          {field.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </Select>
      ) : (
        <Input type={field.secret ? "password" : "text"} autoComplete="off" placeholder={isKept ? "••••••••" : field.default} value={value ?? ""} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
