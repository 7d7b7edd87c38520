import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LayoutTemplate, Play } from "lucide-react";
import { useState } from "react";
import { toast } from "@/ui/toast";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { useLanguage } from "@/i18n/provider";
import { useNodeTypesLater } from "@/rooms/builder/state/node-types";
import { NodeIcon } from "@/rooms/canvas/node-icon";
import type { WorkflowDocument } from "@/rooms/builder/state/document";
import { Badge, Button, Card, EmptyState, ErrorNotice, Input, ListSkeleton, Page } from "@/ui";
import { GraphPicture } from "./graph-picture";

type Template = components["schemas"]["TemplateOut"];
const CATEGORIES = ["basics", "python", "webhooks", "schedules", "data", "reliability"] as const;

type Category = (typeof CATEGORIES)[number];

export function TemplateListPage() {
  const t = useTranslations("templates");
  const { locale } = useLanguage();
  const [words, setWords] = useState("");
  const [category, setCategory] = useState<Category | null>(null);
  const templates = useQuery({ queryKey: ["templates"], queryFn: () => body(api.GET("/api/v1/templates")), staleTime: Infinity });
  const found = (templates.data?.items ?? []).filter((one) => (category === null || one.category === category) && matches(one, words, locale));
  return (
    <Page title={t("title")} summary={t("summary")}>
      <div className="flex flex-wrap items-center gap-3">
        <Input type="search" aria-label={t("search")} placeholder={t("search")} className="max-w-xs" value={words} onChange={(event) => setWords(event.target.value)} />
        <div role="group" aria-label={t("categories")} className="flex flex-wrap gap-1.5">
          {[null, ...CATEGORIES].map((one) => (
            <Button key={one ?? "all"} size="small" look={one === category ? "primary" : "secondary"} aria-pressed={one === category} onClick={() => setCategory(one)}>
              {one ? t(one) : t("all")}
            </Button>
          ))}
        </div>
      </div>
      {templates.error ? <ErrorNotice error={templates.error} onRetry={() => void templates.refetch()} /> : null}
      {templates.isPending ? <ListSkeleton /> : null}
      {templates.data && found.length === 0 ? (
        <EmptyState icon={LayoutTemplate} title={t("none")}>
          {t("noneHint")}
        </EmptyState>
      ) : null}
      <ul aria-label={t("title")} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {found.map((template) => (
          <li key={template.slug}>
            <TemplateCard template={template} />
          </li>
        ))}
      </ul>
    </Page>
  );
}

function matches(template: Template, words: string, locale: string): boolean {
  const text = locale === "de" ? `${template.title_de} ${template.summary_de}` : `${template.title} ${template.summary}`;
  const whole = `${text} ${template.node_types.join(" ")}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

function TemplateCard({ template }: { template: Template }) {
  const t = useTranslations("templates");
  const { locale } = useLanguage();
  const navigate = useNavigate();
  const may = useMay("workflow:write");
  const types = useNodeTypesLater();
  const title = locale === "de" ? template.title_de : template.title;
  const category = CATEGORIES.find((one) => one === template.category);
  const document = template.workflow as unknown as WorkflowDocument;
  const use = useMutation({
    mutationFn: async (runs: boolean) => {
      const draft = await body(api.POST("/api/v1/workflow-drafts", { body: { name: title, document: document as unknown as { [key: string]: unknown } } }));
      if (!runs) return { workflowId: draft.workflow_id };
      const path = { workflow_id: draft.workflow_id };
      const started = await body(api.POST("/api/v1/workflows/{workflow_id}/run", { params: { path }, body: { source: "draft", scope: "to_node", items: template.sample_items as { [key: string]: unknown }[] } }));
      return { workflowId: draft.workflow_id, execution: (started as unknown as { execution_id: string }).execution_id };
    },
    onSuccess: ({ workflowId, execution }) => navigate({ to: "/workflows/$workflowId", params: { workflowId }, search: execution ? { execution } : {} }),
    onError: toast.failed,
  });
  return (
    <Card className="flex h-full flex-col gap-2 p-4">
      <GraphPicture document={document} />
      <div className="flex items-center gap-1.5" aria-hidden>
        {template.node_types.slice(0, 6).map((type) => {
          return (
            <span key={type} className="grid size-7 place-items-center rounded-md bg-accent-soft text-accent-text">
              <NodeIcon icon={types.get(type)?.icon ?? ""} className="size-4" />
            </span>
          );
        })}
      </div>
      <h2 className="font-medium">{title}</h2>
      <p className="flex-1 text-sm text-ink-soft">{locale === "de" ? template.summary_de : template.summary}</p>
      <div className="flex items-center justify-between gap-2">
        <Badge>{category ? t(category) : template.category}</Badge>
        {may ? (
          <div className="flex flex-wrap justify-end gap-1.5">
            <Button size="small" busy={use.isPending} aria-label={t("useNamed", { template: title })} onClick={() => use.mutate(false)}>
              {t("use")}
            </Button>
            <Button size="small" look="primary" busy={use.isPending} aria-label={t("runNamed", { template: title })} onClick={() => use.mutate(true)}>
              <Play aria-hidden />
              {t("run")}
            </Button>
          </div>
        ) : null}
      </div>
    </Card>
  );
}
