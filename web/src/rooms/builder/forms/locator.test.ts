import { describe, expect, it } from "vitest";
import { locatorOf, namedBy } from "./locator";

describe("a locator", () => {
  it("is read from what there was before, too", () => {
    expect(locatorOf("42")).toEqual({ by: "list", value: "42" });
    expect(locatorOf("{{ item.id }}")).toEqual({ by: "expression", value: "{{ item.id }}" });
    expect(locatorOf(undefined)).toEqual({ by: "list", value: "" });
    expect(locatorOf({ by: "url", value: "https://a.test/1" })).toEqual({ by: "url", value: "https://a.test/1" });
    expect(locatorOf({ by: "list", value: "42", label: "Orders" })).toEqual({ by: "list", value: "42", label: "Orders" });
  });

  it("keeps an id from the list to the id and back, and nothing else", () => {
    expect(namedBy({ by: "list", value: "42", label: "Orders" }, "id")).toEqual({ by: "id", value: "42" });
    expect(namedBy({ by: "id", value: "42" }, "url")).toEqual({ by: "url", value: "" });
    expect(namedBy({ by: "expression", value: "{{ item.id }}" }, "id")).toEqual({ by: "id", value: "" });
  });
});
