import { expect, it } from "vitest";
import { nextOf } from "./next";

it.each([
  ["/executions?status=failed", "/executions?status=failed"],
  ["//evil.example/", undefined],
  ["/\\evil.example", undefined],
  ["https://evil.example", undefined],
  ["javascript:alert(1)", undefined],
  ["/", undefined],
  [7, undefined],
])("after signing in, %s leads to %s", (next, path) => {
  expect(nextOf({ next }).next).toBe(path);
});
