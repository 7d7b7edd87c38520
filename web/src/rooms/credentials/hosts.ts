/** Whether the hosts that are allowed take in this one; `*.example.com` takes in all below. */
export function takesIn(allowed: string[], host: string): boolean {
  const wanted = host.toLowerCase();
  const [name = ""] = wanted.split(":");
  return allowed.some((one) => {
    const pattern = one.toLowerCase();
    const reached = pattern.includes(":") ? wanted : name;
    return pattern.startsWith("*.") ? reached.endsWith(pattern.slice(1)) : reached === pattern;
  });
}

/** The host that a node's URL names, if it is written out and not made by an expression. */
export function hostOf(url: unknown): string | undefined {
  if (typeof url !== "string") return undefined;
  const written = /^\s*https?:\/\/([^/?#\s]+)/i.exec(url)?.[1];
  if (!written || /[{}@[\]]/.test(written)) return undefined;
  try {
    return new URL(`http://${written}`).hostname || undefined;
  } catch {
    return undefined;
  }
}
