import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { CopyButton } from "@/ui";

/** The one address that the provider has to know, letter by letter, before anybody can connect. */
export function RedirectAddress({ provider }: { provider: string }) {
  const t = useTranslations("credentials");
  const instance = useQuery({ queryKey: ["instance"], queryFn: () => body(api.GET("/api/v1/instance")), staleTime: Infinity });
  if (!instance.data) return null;
  const address = `${instance.data.public_url}/api/v1/credentials/oauth/${provider}/callback`;
  return (
    <div className="flex flex-col gap-1">
      <span className="text-[13px] font-medium">{t("redirectAddress")}</span>
      <p className="flex items-center gap-2 rounded-lg bg-sunken px-3 py-1 font-mono text-xs">
        <span className="min-w-0 flex-1 break-all">{address}</span>
        <CopyButton text={address} label={t("copyRedirect")} />
      </p>
      <p className="text-[13px] text-ink-faint">{t("redirectHint")}</p>
    </div>
  );
}
