import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { useLanguage } from "@/i18n/provider";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import { Badge, Button, Card, ErrorNotice, ListSkeleton, Page } from "@/ui";

type Template = components["schemas"]["TemplateOut"];
const CATEGORIES = ["basics", "python", "webhooks", "schedules", "data", "reliability"] as const;

export function TemplateListPage() {
  const t = useTranslations("templates");
  const templates = useQuery({ queryKey: ["templates"], queryFn: () => body(api.GET("/api/v1/templates")), staleTime: Infinity });
  return (
    <Page title={t("title")} summary={t("summary")}>
      {templates.error ? <ErrorNotice error={templates.error} onRetry={() => void templates.refetch()} /> : null}
      {templates.isPending ? <ListSkeleton /> : null}
      <ul aria-label={t("title")} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {templates.data?.items.map((template) => (
          <li key={template.slug}>
            <TemplateCard template={template} />
          </li>
        ))}
      </ul>
    </Page>
  );
}

function TemplateCard({ template }: { template: Template }) {
  const t = useTranslations("templates");
  const { locale } = useLanguage();
  const navigate = useNavigate();
  const may = useMay("workflow:write");
  const title = locale === "de" ? template.title_de : template.title;
  const category = CATEGORIES.find((one) => one === template.category);
  const use = useMutation({
    mutationFn: () => body(api.POST("/api/v1/workflow-drafts", { body: { name: title, document: template.workflow as unknown as { [key: string]: unknown } } })),
    onSuccess: (draft) => navigate({ to: "/workflows/$workflowId", params: { workflowId: draft.workflow_id } }),
    onError: (error) => toast.error(error.message),
  });
  return (
    <Card className="flex h-full flex-col gap-2 p-4">
      <div className="flex items-center gap-1.5" aria-hidden>
        {template.node_types.slice(0, 6).map((type) => {
          return (
            <span key={type} className="grid size-7 place-items-center rounded-md bg-accent-soft text-accent-text">
              <NodeIcon type={type} className="size-4" />
            </span>
          );
        })}
      </div>
      <h2 className="font-medium">{title}</h2>
      <p className="flex-1 text-sm text-ink-soft">{locale === "de" ? template.summary_de : template.summary}</p>
      <div className="flex items-center justify-between gap-2">
        <Badge>{category ? t(category) : template.category}</Badge>
        {may ? (
          <Button size="small" look="primary" busy={use.isPending} aria-label={t("useNamed", { template: title })} onClick={() => use.mutate()}>
            {t("use")}
          </Button>
        ) : null}
      </div>
    </Card>
  );
}
