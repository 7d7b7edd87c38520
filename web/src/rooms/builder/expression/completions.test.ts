import { EditorState } from "@codemirror/state";
import { CompletionContext } from "@codemirror/autocomplete";
import { describe, expect, it } from "vitest";
import { completionsFor, valueAt } from "./completions";

const known = { item: { total: 3, address: { city: "Rome" }, "first name": "Ada" }, items: [], nodes: { hook: { item: { body: { id: 1 } } } } };
const offered = (text: string, isTemplate = false) =>
  completionsFor(() => known, isTemplate)(new CompletionContext(EditorState.create({ doc: text }), text.length, false))?.options.map((one) => one.label);

describe("completion", () => {
  it.each([
    ["item.", ["total", "address", "first name"]],
    ["item.address.", ["city"]],
    ["1 + nodes.hook.item.body.", ["id"]],
    ["item.total.", undefined],
  ])("of %s offers %s", (text, labels) => {
    expect(offered(text)).toEqual(labels);
  });

  it("offers names and functions at the beginning of a word", () => {
    expect(offered("le")).toContain("len");
    expect(offered("it")).toContain("items");
  });

  it("says nothing outside of the braces of a text", () => {
    expect(offered("Hello it", true)).toBeUndefined();
    expect(offered("Hello {{ it", true)).toContain("item");
  });
});

it("finds values by their paths", () => {
  expect(valueAt('item["first name"]', known)).toBe("Ada");
  expect(valueAt("item.nothing.more", known)).toBeUndefined();
});
