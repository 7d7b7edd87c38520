import type { Plan } from "../billing-queries";

/** The limits that can be granted. */
export const LIMITS = [
  "executions",
  "ai_tokens",
  "api_calls",
  "storage_bytes",
  "active_workflows",
  "members",
  "retention_days",
  "sandbox_memory_mb",
  "timeout_seconds",
  "minimum_poll_seconds",
] as const satisfies readonly (keyof Plan["limits"])[];

/** The switches that can be granted. */
export const FEATURES = ["audit_log_export", "package_policy", "marketplace_publishing", "error_workflows", "priority_support"] as const satisfies readonly (keyof Plan["features"])[];
