import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { Badge, Moment, type Tone } from "@/ui";

export type Connection = components["schemas"]["ConnectionOut"];

const TONES: Record<Connection["state"], Tone> = { not_connected: "neutral", connected: "success", expiring: "warning", reconnect_needed: "danger" };

/** How a credential's connection is, and what to do where it has ended. */
export function ConnectionFacts({ connection }: { connection: Connection }) {
  const t = useTranslations("credentials");
  const { state, account, expires_at, is_renewable, error } = connection;
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-soft">
      <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>
      {account ? <span>{t("as", { account })}</span> : null}
      {state === "connected" && is_renewable ? <span>{t("renewed")}</span> : null}
      {expires_at && !is_renewable ? (
        <span>
          {t("until")} <Moment at={expires_at} />
        </span>
      ) : null}
      {error ? <span className="basis-full text-danger-text">{error}</span> : null}
    </div>
  );
}
