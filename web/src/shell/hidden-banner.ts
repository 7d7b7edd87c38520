const HIDDEN = "treadle.hidden-banner";

/** The banner that was hidden in this window; it comes back in another. */
export function readHidden(): string | null {
  return sessionStorage.getItem(HIDDEN);
}

export function writeHidden(name: string): void {
  sessionStorage.setItem(HIDDEN, name);
}
