import type { components } from "@/api/schema";

export type Role = components["schemas"]["Role"];

const ROLES: readonly Role[] = ["owner", "admin", "editor", "viewer"];

/** The roles that somebody may give: only owners make owners. */
export function rolesToGive(own: Role): readonly Role[] {
  return own === "owner" ? ROLES : ROLES.filter((role) => role !== "owner");
}
