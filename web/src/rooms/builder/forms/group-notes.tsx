/** What stands below a group of fields: what is wrong with it, and what it is for. */
export function GroupNotes({ error, hint }: { error: string | undefined; hint: string | undefined }) {
  return (
    <>
      {error ? (
        <p role="alert" className="text-[13px] text-danger-text">
          {error}
        </p>
      ) : null}
      {hint ? <p className="text-[13px] text-ink-faint">{hint}</p> : null}
    </>
  );
}
