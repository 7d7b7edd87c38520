import { expect, it } from "vitest";
import { readItems } from "./items-json";

it("reads a list of objects", () => {
  expect(readItems('[{"a": 1}, {}]', "no")).toEqual([{ a: 1 }, {}]);
});

it.each(["{}", "[1]", "[null]", "[[]]", '"text"'])("says of %s what is wanted", (text) => {
  expect(() => readItems(text, "Write a list.")).toThrow("Write a list.");
});
