import { describe, expect, it } from "vitest";

import { bytesText } from "./bytes";

describe("bytes", () => {
  it.each([
    [1, "en", "1 byte"],
    [12, "en", "12 bytes"],
    [12, "de", "12 Byte"],
    [1536, "en", "1.5 kB"],
    [300_000, "en", "293 kB"],
  ])("%d in %s is %s", (bytes, locale, text) => {
    expect(bytesText(bytes, locale)).toBe(text);
  });
});
