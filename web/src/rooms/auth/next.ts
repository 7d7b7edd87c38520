/**
 * Where to go after signing in: a path of ours only, because an address that leads away must not
 * be followed. Nothing where it is the front page, so that each way in has a goal of its own.
 */
export function nextOf(search: Record<string, unknown>): { next?: string } {
  const { next } = search;
  return typeof next === "string" && next !== "/" && /^\/(?![/\\])/.test(next) ? { next } : {};
}
