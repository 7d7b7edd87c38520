import { useTranslations } from "use-intl";
import { CopyButton, Notice } from "@/ui";
import { isOlder, type WorkflowNode } from "../state/document";
import { useNodeTypes } from "../state/node-types";

/** In place of the form of a node whose type is not here, or in a newer version only: what to do, and what is kept meanwhile. */
export function MissingType({ node }: { node: WorkflowNode }) {
  const t = useTranslations("builder");
  const here = useNodeTypes().get(node.type);
  const kept = JSON.stringify(node.params, null, 2);
  const older = here !== undefined && isOlder(node, here);
  const versions = here && { type: node.type, needed: node.version ?? 1, here: here.version };
  const remedy = versions ? t(older ? "olderVersionRemedy" : "missingVersionRemedy", versions) : t("missingTypeRemedy", { type: node.type });
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warning" title={t(older ? "olderVersionTitle" : "missingTypeTitle")}>
        <p>{remedy}</p>
        {older ? null : <p>{t("missingTypeEffect")}</p>}
      </Notice>
      <section aria-label={t("keptParameters")} className="flex flex-col gap-1">
        <div className="flex items-center justify-between gap-2">
          <h3 className="text-[13px] font-medium">{t("keptParameters")}</h3>
          <CopyButton text={kept} label={t("copyParameters")} />
        </div>
        <pre className="overflow-x-auto rounded-lg bg-sunken p-3 font-mono text-xs">{kept}</pre>
      </section>
    </div>
  );
}
