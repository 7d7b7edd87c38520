import type { Permission } from "@/api/me";

type Name = "account" | "api-keys" | "variables" | "packages" | "audit-log";

interface Section {
  name: Name;
  /** Who sees it; null: everybody. */
  permission: Permission | null;
}

export const SECTIONS: readonly Section[] = [
  { name: "account", permission: null },
  { name: "api-keys", permission: "api_key:read" },
  { name: "variables", permission: "variable:read" },
  { name: "packages", permission: "package_policy:read" },
  { name: "audit-log", permission: "audit:read" },
];
