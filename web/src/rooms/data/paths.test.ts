import { describe, expect, it } from "vitest";
import { pathText } from "./paths";

describe("the path of a field", () => {
  it.each([
    [["total"], "item.total"],
    [["lines", 0, "price"], "item.lines[0].price"],
    [["first name"], 'item["first name"]'],
    [['say "hi"'], 'item["say \\"hi\\""]'],
    [[], "item"],
  ])("of %j is %s", (steps, text) => {
    expect(pathText(steps)).toBe(text);
  });
});
