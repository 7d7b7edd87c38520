import { describe, expect, it } from "vitest";
import { documentLanguage } from "./document-languages";

describe("documentLanguage", () => {
  it("knows the languages by Stripe's tags", () => {
    expect(documentLanguage("pt-BR")).toBe("pt");
    expect(documentLanguage("de")).toBe("de");
  });
  it("leaves what it does not know to the seller", () => {
    expect(documentLanguage("tlh")).toBe("");
    expect(documentLanguage(null)).toBe("");
  });
});
