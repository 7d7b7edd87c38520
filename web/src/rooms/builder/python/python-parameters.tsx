import { useMutation } from "@tanstack/react-query";
import { PackageCheck } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, ErrorNotice, Field, Input, Select, Skeleton, Textarea } from "@/ui";
import { withMember } from "../forms/json-schema";
import { usePanelData } from "../panel/panel-data";
import type { WorkflowNode } from "../state/document";
import { TryIt } from "./try-it";
import { useAttempt } from "./use-attempt";

const PythonEditor = lazy(() => import("./python-editor"));

interface PythonParametersProps {
  node: WorkflowNode;
  /** The chosen credentials' ids by slot. */
  credentials: Record<string, string>;
  onChange: (params: WorkflowNode["params"], name: string) => void;
  problemAt: (pointer: string) => string | undefined;
  pointer: string;
  readOnly: boolean;
}

/** The parameters of a Python node: its code, packages, limits and network, and a way to try it. */
export function PythonParameters({ node, credentials, onChange, problemAt, pointer, readOnly }: PythonParametersProps) {
  const t = useTranslations("builder");
  const { context } = usePanelData();
  const params = node.params;
  const code = typeof params.code === "string" ? params.code : "";
  const per = params.per === "each_item" ? "each_item" : "all_items";
  const requirements = texts(params.requirements);
  const network = Array.isArray(params.network) ? texts(params.network) : [];
  const set = (name: string, value: unknown) => onChange(withMember(params, name, value), name);
  const attempt = useAttempt();
  const start = () =>
    attempt.start({
      code,
      per,
      items: (context?.items ?? [{}]) as { [key: string]: unknown }[],
      mode: params.mode === "warm" ? "warm" : "run",
      requirements: requirements.filter((one) => one.trim() !== ""),
      timeout_s: typeof params.timeout_s === "number" ? params.timeout_s : 30,
      memory_mb: typeof params.memory_mb === "number" ? params.memory_mb : 256,
      network: network.length > 0 ? network : "none",
      credentials,
    });
  const number = (name: string, label: string, least: number) => (
    <Field label={label} error={problemAt(`${pointer}/${name}`)}>
      <Input type="number" min={least} readOnly={readOnly} placeholder={t("unset")} value={typeof params[name] === "number" ? params[name] : ""} onChange={(event) => set(name, event.target.value === "" ? undefined : Number(event.target.value))} />
    </Field>
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-1">
        <span className="text-[13px] font-medium">{t("code")}</span>
        <Suspense fallback={<Skeleton className="h-48" />}>
          <PythonEditor label={t("code")} value={code} onChange={(value) => set("code", value)} requirements={requirements} per={per} fields={Object.keys((context?.item as object | undefined) ?? {})} readOnly={readOnly} failedLine={attempt.result?.error?.line ?? null} />
        </Suspense>
        {problemAt(`${pointer}/code`) ? (
          <p role="alert" className="text-[13px] text-danger-text">
            {problemAt(`${pointer}/code`)}
          </p>
        ) : null}
      </div>
      <TryIt attempt={attempt} items={context ? context.items.length : null} onStart={start} />
      <Packages requirements={requirements} error={problemAt(`${pointer}/requirements`)} readOnly={readOnly} onChange={(value) => set("requirements", value)} />
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        <Field label={t("per")}>
          <Select disabled={readOnly} value={per} onChange={(event) => set("per", event.target.value)}>
            <option value="all_items">{t("perAll")}</option>
            <option value="each_item">{t("perEach")}</option>
          </Select>
        </Field>
        <Field label={t("mode")}>
          <Select disabled={readOnly} value={params.mode === "warm" ? "warm" : "run"} onChange={(event) => set("mode", event.target.value)}>
            <option value="run">{t("modeRun")}</option>
            <option value="warm">{t("modeWarm")}</option>
          </Select>
        </Field>
        {number("timeout_s", t("timeout"), 0)}
        {number("memory_mb", t("memory"), 32)}
        {number("cpu_s", t("cpu"), 0)}
      </div>
      <Field label={t("network")} hint={t("networkHint")} error={problemAt(`${pointer}/network`)}>
        <Textarea rows={2} readOnly={readOnly} spellCheck={false} placeholder="api.example.com:443" value={network.join("\n")} onChange={(event) => set("network", event.target.value.trim() === "" ? "none" : event.target.value.split("\n"))} />
      </Field>
    </div>
  );
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function Packages({ requirements, error, readOnly, onChange }: { requirements: string[]; error: string | undefined; readOnly: boolean; onChange: (value: string[]) => void }) {
  const t = useTranslations("builder");
  const lock = useMutation({ mutationFn: () => body(api.POST("/api/v1/code/lock", { body: { requirements: requirements.filter((one) => one.trim() !== "") } })) });
  return (
    <div className="flex flex-col gap-2">
      <Field label={t("packages")} hint={t("packagesHint")} error={error}>
        <Textarea rows={2} readOnly={readOnly} spellCheck={false} placeholder="python-slugify>=8" value={requirements.join("\n")} onChange={(event) => onChange(event.target.value === "" ? [] : event.target.value.split("\n"))} />
      </Field>
      {requirements.length > 0 ? (
        <Button size="small" className="self-start" busy={lock.isPending} onClick={() => lock.mutate()}>
          <PackageCheck aria-hidden />
          {t("resolve")}
        </Button>
      ) : null}
      {lock.error ? <ErrorNotice error={lock.error} /> : null}
      {lock.data ? (
        <ul aria-label={t("resolved")} className="rounded-lg border text-xs">
          {lock.data.packages.map((one) => (
            <li key={one.name} className="flex justify-between gap-3 border-b px-2 py-1 last:border-b-0">
              <span className="font-mono">
                {one.name} {one.version}
              </span>
              <span className="text-ink-faint tabular-nums">{one.size === null ? "" : t("kilobytes", { size: Math.round(one.size / 1024) })}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
