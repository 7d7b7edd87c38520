import { expect, it } from "vitest";
import { everything } from "./everything";

it("asks for part after part until there is none", async () => {
  const asked: unknown[] = [];
  const parts = [
    { items: [1, 2], next_cursor: "a" },
    { items: [3], next_cursor: "b" },
    { items: [], next_cursor: null },
  ];
  const found = await everything((cursor) => {
    asked.push(cursor);
    return Promise.resolve(parts[asked.length - 1] as (typeof parts)[0]);
  });
  expect(found.items).toEqual([1, 2, 3]);
  expect(asked).toEqual([{}, { cursor: "a" }, { cursor: "b" }]);
});
