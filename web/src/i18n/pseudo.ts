const ACCENTS: Record<string, string> = { a: "á", e: "ë", i: "ï", o: "ö", u: "ü", y: "ý", A: "Å", E: "É", I: "Î", O: "Ø", U: "Û", c: "ç", n: "ñ" };

/** English in disguise and a third longer: what still reads as plain English is not translated. */
export function disguise(text: string): string {
  let depth = 0;
  let changed = "";
  for (const character of text) {
    if (character === "{" || character === "<") depth += 1;
    // Arguments and tags are not for people to read, and must come through as they are.
    changed += depth === 0 ? (ACCENTS[character] ?? character) : character;
    if (character === "}" || character === ">") depth -= 1;
  }
  return `[${changed}${"~".repeat(Math.ceil(text.length / 3))}]`;
}

type Catalogue = { [key: string]: string | Catalogue };

export function pseudo<T extends object>(catalogue: T): T {
  const entries = Object.entries(catalogue as Catalogue).map(([key, value]) => [
    key,
    typeof value === "string" ? disguise(value) : pseudo(value),
  ]);
  return Object.fromEntries(entries) as T;
}
