import { useParams } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useMe } from "@/api/me";
import { NotFound } from "@/shell/not-found";
import { AccountSection } from "./account-section";
import { ApiKeysSection } from "./api-keys-section";
import { AuditLogSection } from "./audit-log-section";
import { PackagesSection } from "./packages-section";
import { SECTIONS } from "./sections";
import { VariablesSection } from "./variables-section";

const PARTS: Record<string, ComponentType> = {
  account: AccountSection,
  "api-keys": ApiKeysSection,
  variables: VariablesSection,
  packages: PackagesSection,
  "audit-log": AuditLogSection,
};

export function SettingsSection() {
  const { section } = useParams({ from: "/app/settings/$section" });
  const { permissions } = useMe();
  const known = SECTIONS.find((one) => one.name === section);
  const Part = PARTS[section];
  if (!known || !Part || (known.permission !== null && !permissions.includes(known.permission))) return <NotFound />;
  return <Part />;
}
