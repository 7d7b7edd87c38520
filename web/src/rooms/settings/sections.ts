import type { Me, Permission } from "@/api/me";

type Name = "account" | "workspace" | "members" | "api-keys" | "variables" | "packages" | "retention" | "audit-log" | "billing" | "instance" | "revenue";

interface Section {
  name: Name;
  /** Who sees it; null: everybody. */
  permission: Permission | null;
  /** Only for the administrator of the instance. */
  administrator?: true;
}

const SECTIONS: readonly Section[] = [
  { name: "account", permission: null },
  { name: "workspace", permission: "workspace:read" },
  { name: "members", permission: "member:read" },
  { name: "api-keys", permission: "api_key:read" },
  { name: "variables", permission: "variable:read" },
  { name: "packages", permission: "package_policy:read" },
  { name: "retention", permission: "workspace:read" },
  { name: "billing", permission: "workspace:read" },
  { name: "audit-log", permission: "audit:read" },
  { name: "instance", permission: null, administrator: true },
  { name: "revenue", permission: null, administrator: true },
];

/** The sections that somebody sees. */
export function sectionsOf({ permissions, user }: Me): readonly Section[] {
  return SECTIONS.filter(
    ({ permission, administrator }) => (permission === null || permissions.includes(permission)) && (!administrator || user.is_administrator),
  );
}
