import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link2, Unlink2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/api/client";
import { Button, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import type { Connection } from "./connection-facts";
import type { Credential } from "./credential-list-page";

/** The window in which somebody connects tells this page by it: the provider comes between them. */
const CHANNEL = "treadle-oauth";
const PROVIDERS: Record<string, string> = { google_oauth2: "google", microsoft_oauth2: "microsoft", oauth2: "generic" };

export function ConnectButtons({ credential, connection }: { credential: Credential; connection: Connection }) {
  const t = useTranslations("credentials");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    if (!waiting) return;
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = (event: MessageEvent<{ connected: boolean; message: string }>) => {
      setWaiting(false);
      if (event.data.connected) toast.success(event.data.message);
      else toast.error(event.data.message);
      void queries.invalidateQueries({ queryKey: ["credentials"] });
    };
    return () => channel.close();
  }, [waiting, queries]);
  const connect = () => {
    const provider = PROVIDERS[credential.type] ?? "generic";
    const opened = window.open(`/api/v1/credentials/oauth/${provider}/start?credential_id=${credential.id}`, "_blank", "popup,width=600,height=760");
    if (opened) setWaiting(true);
    else toast.error(t("blocked"));
  };
  const disconnect = useMutation({
    mutationFn: () => api.DELETE("/api/v1/credentials/{credential_id}/connection", { params: { path: { credential_id: credential.id } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["credentials"] }),
    onError: toast.failed,
  });
  const ask = async () => {
    if (await confirm({ title: t("disconnectTitle", { name: credential.name }), detail: t("disconnectDetail"), action: t("disconnect"), danger: true })) disconnect.mutate();
  };
  const isNew = connection.state === "not_connected";
  return (
    <>
      <Button size="small" look={connection.state === "connected" ? "secondary" : "primary"} onClick={connect}>
        <Link2 aria-hidden />
        {isNew ? t("connect") : t("reconnect")}
      </Button>
      {isNew ? null : (
        <Button size="small" busy={disconnect.isPending} onClick={() => void ask()}>
          <Unlink2 aria-hidden />
          {t("disconnect")}
        </Button>
      )}
      {waiting ? (
        <span role="status" className="self-center text-xs text-ink-soft">
          {t("connecting")}
        </span>
      ) : null}
    </>
  );
}
