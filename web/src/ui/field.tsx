import { createContext, useContext, useId, type ReactNode } from "react";
import { classes } from "./classes";

interface FieldIds {
  id: string;
  hintId: string | undefined;
  errorId: string | undefined;
  required: boolean;
}
const FieldContext = createContext<FieldIds | null>(null);

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  /** Kept for those who do not see: the label is read, not shown. */
  hideLabel?: boolean;
  /** Beside the label, at its end. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A control with its label, its hint and, beside it, what is wrong with it. */
export function Field({ label, hint, error, required = false, hideLabel, aside, className, children }: FieldProps) {
  const id = useId();
  const ids = { id, hintId: hint ? `${id}-hint` : undefined, errorId: error ? `${id}-error` : undefined, required };
  return (
    <FieldContext value={ids}>
      <div className={classes("flex flex-col gap-1", className)}>
        <div className={classes("flex items-baseline justify-between gap-2", hideLabel && "sr-only")}>
          <label htmlFor={id} className="text-[13px] font-medium text-ink">
            {label}
            {required ? (
              <span aria-hidden className="text-danger-text">
                {" "}
                *
              </span>
            ) : null}
          </label>
          {aside}
        </div>
        {children}
        {error ? (
          <p id={ids.errorId} role="alert" className="text-[13px] text-danger-text">
            {error}
          </p>
        ) : null}
        {hint ? (
          <p id={ids.hintId} className="text-[13px] text-ink-faint">
            {hint}
          </p>
        ) : null}
      </div>
    </FieldContext>
  );
}

/** The attributes that tie a control to the Field around it. */
export function useFieldControl(): { id?: string; "aria-describedby"?: string; "aria-invalid"?: true; required?: boolean } {
  const field = useContext(FieldContext);
  if (!field) return {};
  const described = [field.errorId, field.hintId].filter(Boolean).join(" ");
  return {
    id: field.id,
    required: field.required,
    ...(described ? { "aria-describedby": described } : {}),
    ...(field.errorId ? { "aria-invalid": true as const } : {}),
  };
}
