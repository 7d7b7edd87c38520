import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";

export const usesQuery = (credentialId: string) =>
  queryOptions({
    queryKey: ["credentials", credentialId, "uses"],
    queryFn: () => body(api.GET("/api/v1/credentials/{credential_id}/uses", { params: { path: { credential_id: credentialId } } })),
  });

/** The workflows that use a credential, to go to. */
export function CredentialUses({ credentialId }: { credentialId: string }) {
  const t = useTranslations("credentials");
  const uses = useQuery(usesQuery(credentialId));
  const items = uses.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <details className="mt-1 text-xs text-ink-soft">
      <summary className="w-fit cursor-pointer py-0.5">{t("uses", { count: items.length })}</summary>
      <ul className="flex flex-wrap gap-x-3 gap-y-1 pt-1">
        {items.map((one) => (
          <li key={one.workflow_id}>
            <Link to="/workflows/$workflowId" params={{ workflowId: one.workflow_id }} className="text-accent-text underline underline-offset-2">
              {one.workflow_name}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}
