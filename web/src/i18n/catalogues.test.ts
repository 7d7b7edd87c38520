import { describe, expect, it } from "vitest";
import de from "./de";
import en from "./en";
import { disguise } from "./pseudo";

type Catalogue = { readonly [key: string]: string | Catalogue };

function flat(catalogue: Catalogue, path = ""): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}
const argumentsOf = (text: string) =>
  [...new Set([...text.matchAll(/\{\s*(\w+)\s*[,}]/g)].map((match) => match[1]))].sort();
const tagsOf = (text: string) => [...new Set([...text.matchAll(/<(\w+)>/g)].map((match) => match[1]))].sort();

describe("the German catalogue", () => {
  const german = new Map(flat(de as Catalogue));
  it.each(flat(en as Catalogue))("says %s with the same arguments", (key, text) => {
    const translated = german.get(key) ?? "";
    expect(translated).not.toBe("");
    expect(argumentsOf(translated)).toEqual(argumentsOf(text));
    expect(tagsOf(translated)).toEqual(tagsOf(text));
  });
});

describe("the pseudo-locale", () => {
  it("leaves arguments and tags alone", () => {
    expect(disguise("Run {name} <b>now</b>")).toMatch(/^\[Rüñ \{name\} <b>ñöw<\/b>~+\]$/);
  });
});
