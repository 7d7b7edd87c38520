import { describe, expect, it } from "vitest";
import { schemaOf, shortText } from "./schema";

describe("the schema of items", () => {
  it("names fields with their types, inner ones below their parents", () => {
    const fields = schemaOf([{ a: 1, b: { c: "x" }, d: [{ e: true }] }, { a: null }]);
    expect(fields.map((one) => [one.name, one.type])).toEqual([
      ["a", "number | null"],
      ["b", "object"],
      ["c", "text"],
      ["d", "list"],
      ["e", "boolean"],
    ]);
    expect(fields.find((one) => one.name === "e")?.path).toEqual(["d", 0, "e"]);
  });

  it("stops at what is very deep", () => {
    let deep: object = {};
    for (let level = 0; level < 1000; level += 1) deep = { deep };
    expect(schemaOf([deep]).length).toBeLessThan(10);
  });
});

it("cuts long values", () => {
  expect(shortText("x".repeat(5000)).length).toBeLessThan(250);
  expect(shortText({ a: 1 })).toBe('{"a":1}');
});
