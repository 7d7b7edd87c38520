import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, type ComponentType } from "react";
import { useMe } from "@/api/me";
import { NotFound } from "@/shell/not-found";
import { ListSkeleton } from "@/ui";
import { AccountSection } from "./account-section";
import { ApiKeysSection } from "./api-keys-section";
import { AuditLogSection } from "./audit-log-section";
import { InstanceSection } from "./instance-section";
import { MembersSection } from "./members-section";
import { PackagesSection } from "./packages-section";
import { RetentionSection } from "./retention-section";
import { sectionsOf } from "./sections";
import { VariablesSection } from "./variables-section";
import { WorkspaceSection } from "./workspace-section";

// Few open these, and they are larger than all the others together.
const BillingSection = lazy(async () => ({ default: (await import("@/rooms/billing/billing-section")).BillingSection }));
const RevenueSection = lazy(async () => ({ default: (await import("@/rooms/billing/revenue/revenue-section")).RevenueSection }));

const PARTS: Record<string, ComponentType> = {
  account: AccountSection,
  workspace: WorkspaceSection,
  members: MembersSection,
  "api-keys": ApiKeysSection,
  variables: VariablesSection,
  packages: PackagesSection,
  retention: RetentionSection,
  billing: BillingSection,
  "audit-log": AuditLogSection,
  instance: InstanceSection,
  revenue: RevenueSection,
};

export function SettingsSection() {
  const { section } = useParams({ from: "/app/settings/$section" });
  const known = sectionsOf(useMe()).some((one) => one.name === section);
  const Part = PARTS[section];
  if (!known || !Part) return <NotFound />;
  return (
    <Suspense fallback={<ListSkeleton />}>
      <Part />
    </Suspense>
  );
}
