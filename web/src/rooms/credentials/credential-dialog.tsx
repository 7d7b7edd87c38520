import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import { Button, Dialog, ErrorNotice, Field, Form, Input, Select, Textarea } from "@/ui";
import type { Credential } from "./credential-list-page";
import { takesIn } from "./hosts";
import { RedirectAddress } from "./redirect-address";
import { SecretField } from "./secret-field";

type CredentialType = components["schemas"]["CredentialTypeOut"];

interface CredentialDialogProps {
  credential: Credential | null;
  types: CredentialType[];
  /** The type that a new one begins with. */
  begin?: string | undefined;
  /** A host that it should be allowed for. */
  host?: string | undefined;
  onClose: () => void;
}

/** Makes or changes a credential; what is secret goes in and never comes back. */
export function CredentialDialog({ credential, types, begin, host, onClose }: CredentialDialogProps) {
  const t = useTranslations("credentials");
  const first = types.find((one) => one.type === begin) ?? types[0];
  const known = credential ?? { type: first?.type ?? "", name: "", data: {} };
  const [type, setType] = useState(known.type);
  const [name, setName] = useState(known.name);
  const [data, setData] = useState<Record<string, string>>({ ...known.data });
  const kind = types.find((one) => one.type === type);
  const { hosts, allowed_hosts, isWider, setHosts } = useHosts(credential, kind, host);
  const fields = kind?.fields ?? [];
  const filled = Object.fromEntries(Object.entries(data).filter(([field, value]) => fields.some((one) => one.name === field) && value !== ""));
  const save = useSave(credential, onClose);
  const problem = save.error instanceof Problem ? save.error : null;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={credential ? t("edit") : t("new")}>
      <Form className="flex flex-col gap-4 pb-2" onSubmit={() => save.mutate({ name, type, data: filled, allowed_hosts })}>
        <Field label={t("type")} hint={kind?.summary}>
          <Select value={type} disabled={credential !== null} onChange={(event) => setType(event.target.value)}>
            {types.map((one) => (
              <option key={one.type} value={one.type}>
                {one.title}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("name")} required error={problem?.at("/name")}>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        {fields.map((field) => (
          <SecretField
            key={field.name}
            field={field}
            isKept={field.secret && credential?.secrets[field.name] === true}
            value={data[field.name]}
            error={problem?.at(`/data/${field.name}`)}
            onChange={(value) => setData({ ...data, [field.name]: value })}
          />
        ))}
        {kind?.provider ? <RedirectAddress provider={kind.provider} /> : null}
        <HostsField
          hosts={hosts}
          kind={kind}
          isWider={isWider}
          error={problem?.errors.find((one) => one.pointer.startsWith("/allowed_hosts"))?.message}
          onChange={setHosts}
        />
        {save.error && !problem?.errors.length ? <ErrorNotice error={save.error} /> : null}
        <Button type="submit" look="primary" className="self-end" busy={save.isPending}>
          {t("save")}
        </Button>
      </Form>
    </Dialog>
  );
}

/** The hosts as they are written, and whether they are more than the credential has. */
function useHosts(credential: Credential | null, kind: CredentialType | undefined, host: string | undefined) {
  const [written, setHosts] = useState<string | null>(null);
  // Nobody has written any: then those of the type are there to begin with.
  const former = credential?.allowed_hosts ?? kind?.hosts ?? [];
  const hosts = written ?? [...former, ...(host && !takesIn(former, host) ? [host] : [])].join("\n");
  const allowed_hosts = hosts.split("\n").map((one) => one.trim()).filter(Boolean);
  const isWider = credential !== null && allowed_hosts.some((one) => !takesIn(credential.allowed_hosts, one));
  return { hosts, allowed_hosts, isWider, setHosts };
}

interface HostsFieldProps {
  hosts: string;
  kind: CredentialType | undefined;
  /** It lets the secret go where it could not go before. */
  isWider: boolean;
  error: string | undefined;
  onChange: (hosts: string) => void;
}

function HostsField({ hosts, kind, isWider, error, onChange }: HostsFieldProps) {
  const t = useTranslations("credentials");
  const hints = [t("hostsHint"), kind?.hosts_required ? "" : t("hostsWebhooks"), isWider ? t(kind?.provider ? "hostsReconnect" : "hostsAgain") : ""];
  return (
    <Field label={t("hosts")} required={kind?.hosts_required} hint={hints.filter(Boolean).join(" ")} error={error}>
      <Textarea rows={2} spellCheck={false} placeholder="api.example.com" value={hosts} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}

interface Written {
  name: string;
  type: string;
  data: Record<string, string>;
  allowed_hosts: string[];
}

function useSave(credential: Credential | null, onSaved: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, type, data, allowed_hosts }: Written) =>
      credential
        ? body(api.PUT("/api/v1/credentials/{credential_id}", { params: { path: { credential_id: credential.id } }, body: { name, data, allowed_hosts } }))
        : body(api.POST("/api/v1/credentials", { body: { name, type, data, allowed_hosts } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["credentials"] });
      onSaved();
    },
  });
}
