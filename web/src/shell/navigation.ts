import { Activity, KeyRound, LayoutTemplate, Settings, Workflow, Zap, type LucideIcon } from "lucide-react";

interface Place {
  to: "/workflows" | "/executions" | "/triggers" | "/credentials" | "/templates" | "/settings";
  text: "workflows" | "executions" | "triggers" | "credentials" | "templates" | "settings";
  icon: LucideIcon;
}

/** Where the app can go, in the order of the navigation. */
export const PLACES: readonly Place[] = [
  { to: "/workflows", text: "workflows", icon: Workflow },
  { to: "/executions", text: "executions", icon: Activity },
  { to: "/triggers", text: "triggers", icon: Zap },
  { to: "/credentials", text: "credentials", icon: KeyRound },
  { to: "/templates", text: "templates", icon: LayoutTemplate },
  { to: "/settings", text: "settings", icon: Settings },
];
