import { describe, expect, it } from "vitest";
import { isShown, kindOf, mistakeIn, textFromValue, valueFromText, type Schema } from "./json-schema";

const root: Schema = { $defs: { Case: { type: "object", properties: { port: { type: "string" } } } } };

describe("how a parameter is edited", () => {
  it.each<[Schema, string]>([
    [{ type: "string", "x-widget": "code" }, "code"],
    [{ anyOf: [{ type: "boolean" }, { type: "string" }], "x-input": "expression", "x-widget": "code" }, "expression"],
    [{ anyOf: [{ type: "integer" }, { type: "string" }], "x-input": "template" }, "template"],
    [{ anyOf: [{ type: "object" }, { type: "string" }], "x-input": "template", "x-widget": "keyvalue" }, "keyvalue"],
    [{ type: "string", enum: ["a", "b"] }, "select"],
    [{ anyOf: [{ type: "number" }, { type: "null" }] }, "number"],
    [{ type: "array", items: { type: "string" } }, "texts"],
    [{ type: "array", items: { $ref: "#/$defs/Case" } }, "objects"],
    [{ $ref: "#/$defs/Case" }, "object"],
    [{ anyOf: [{ $ref: "#/$defs/Case" }, { type: "null" }] }, "object"],
    [{ anyOf: [{ type: "integer" }, { type: "string", enum: ["last"] }, { type: "null" }] }, "value"],
    [{ anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] }, "select"],
    [{ type: "array", items: { type: "string", enum: ["MON"] } }, "choices"],
    [{ anyOf: [{ type: "string", format: "date" }, { type: "null" }] }, "date"],
    [{}, "json"],
  ])("%j as %s", (schema, kind) => {
    expect(kindOf(schema, root)).toBe(kind);
  });
});

describe("values written as text", () => {
  it.each([["12", 12], ["true", true], ['{"a": 1}', { a: 1 }], ["{{ item.x }}", "{{ item.x }}"], ["Order 12", "Order 12"], ["12 apples", "12 apples"], ['"12"', "12"]])(
    "%s is %j",
    (text, value) => {
      expect(valueFromText(text)).toEqual(value);
      expect(valueFromText(textFromValue(value))).toEqual(value);
    },
  );
});

it("shows what fits the other values, defaults included", () => {
  const properties = { mode: { default: "append" } };
  expect(isShown({ "x-show-when": { mode: ["key"] } }, {}, properties)).toBe(false);
  expect(isShown({ "x-show-when": { mode: ["key"] } }, { mode: "key" }, properties)).toBe(true);
});

it("tells what is missing or out of bounds", () => {
  expect(mistakeIn({}, "", true)).toBe("required");
  expect(mistakeIn({ maximum: 5 }, 6, false)).toBe("tooLarge");
  expect(mistakeIn({ exclusiveMinimum: 0 }, 0, false)).toBe("tooSmall");
  expect(mistakeIn({}, 0, true)).toBeNull();
});
