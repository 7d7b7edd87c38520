import {
  ArrowDownUp, Blocks, Braces, CalendarClock, CircleStop, Clock, Code, Combine, CopyMinus, Filter, GitBranch, GitMerge, Globe, Layers, ListEnd, Pencil, Play, Repeat, Reply, Route, Sparkles, Split, TriangleAlert, Webhook, Workflow, type LucideIcon,
} from "lucide-react";

const ICONS: Record<string, LucideIcon> = {
  webhook: Webhook,
  schedule: CalendarClock,
  manual: Play,
  error_trigger: TriangleAlert,
  workflow_trigger: Workflow,
  set: Pencil,
  if: GitBranch,
  switch: Route,
  filter: Filter,
  merge: GitMerge,
  loop: Repeat,
  split_out: Split,
  aggregate: Combine,
  sort: ArrowDownUp,
  limit: ListEnd,
  remove_duplicates: CopyMinus,
  date_time: Clock,
  wait: Clock,
  stop_and_error: CircleStop,
  no_op: Layers,
  respond: Reply,
  execute_workflow: Workflow,
  python: Code,
  http_request: Globe,
  ai_chat: Sparkles,
};

export function iconOf(type: string): LucideIcon {
  return ICONS[type] ?? (type.includes("json") ? Braces : Blocks);
}
