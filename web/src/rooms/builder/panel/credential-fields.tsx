import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { everything } from "@/api/everything";
import { hostOf, takesIn } from "@/rooms/credentials/hosts";
import { Button, Field, Select } from "@/ui";
import type { NodeType, WorkflowNode } from "../state/document";
import { chosenCredentials, withCredential } from "./chosen-credentials";

type Slot = NodeType["credentials"][number];

interface CredentialFieldsProps {
  node: WorkflowNode;
  type: NodeType | undefined;
  pointer: string;
  problemAt: (pointer: string) => string | undefined;
  readOnly: boolean;
  onPatch: (patch: Partial<WorkflowNode>, kind: string) => void;
}

/** A field for each of a node's slots; those beyond the first that may stay empty are added. */
export function CredentialFields({ node, type, pointer, problemAt, readOnly, onPatch }: CredentialFieldsProps) {
  const t = useTranslations("builder");
  const [added, setAdded] = useState<readonly string[]>([]);
  if (!type || type.credentials.length === 0) return null;
  const chosen = chosenCredentials(node, type);
  const isShown = (slot: Slot, at: number) => at === 0 || slot.is_required || slot.name in chosen || added.includes(slot.name);
  const first = type.credentials[0]?.name;
  return (
    <>
      {type.credentials.filter(isShown).map((slot) => (
        <CredentialField
          key={slot.name}
          slot={slot}
          url={node.params?.url}
          chosen={chosen[slot.name] ?? ""}
          error={problemAt(`${pointer}/credentials/${slot.name}`) ?? (slot.name === first ? problemAt(`${pointer}/credential_id`) : undefined)}
          readOnly={readOnly}
          onChoose={(id) => onPatch(withCredential(node, type, slot.name, id), `credential:${slot.name}`)}
        />
      ))}
      {readOnly
        ? null
        : type.credentials
            .filter((slot, at) => !isShown(slot, at))
            .map((slot) => (
              <Button key={slot.name} size="small" className="self-start" onClick={() => setAdded([...added, slot.name])}>
                <Plus aria-hidden />
                {t("setGroup", { name: slot.title })}
              </Button>
            ))}
    </>
  );
}

interface CredentialFieldProps {
  slot: Slot;
  url: unknown;
  chosen: string;
  error: string | undefined;
  readOnly: boolean;
  onChoose: (id: string) => void;
}

function CredentialField({ slot, url, chosen, error, readOnly, onChoose }: CredentialFieldProps) {
  const t = useTranslations("builder");
  const credentials = useQuery({
    queryKey: ["credentials"],
    queryFn: () => everything((cursor) => body(api.GET("/api/v1/credentials", { params: { query: { limit: 200, ...cursor } } }))),
  });
  const possible = (credentials.data?.items ?? []).filter((one) => slot.types.includes(one.type));
  const host = hostOf(url);
  const found = possible.find((one) => one.id === chosen);
  const refused = found && host && !takesIn(found.allowed_hosts, host) ? { host, edit: found.id } : null;
  const label = slot.title || t("credential");
  return (
    <Field
      label={label}
      required={slot.is_required}
      error={error}
      hint={
        refused ? (
          <>
            {t("hostNotAllowed", { host: refused.host })}{" "}
            <Link to="/credentials" search={refused} className="text-accent-text underline underline-offset-2">
              {t("allowHost")}
            </Link>
          </>
        ) : (
          slot.description || undefined
        )
      }
      aside={
        <Link to="/credentials" search={{ new: slot.types[0] ?? "", ...(host ? { host } : {}) }} className="text-xs text-accent-text underline underline-offset-2">
          {t("newCredential")}
        </Link>
      }
    >
      <Select disabled={readOnly} value={chosen} onChange={(event) => onChoose(event.target.value)}>
        <option value="">{slot.is_required ? t("chooseOne") : t("noCredential")}</option>
        {possible.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
