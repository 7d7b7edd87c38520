import { describe, expect, it } from "vitest";
import { hostOf, takesIn } from "./hosts";

describe("the host of a URL", () => {
  it.each([
    ["https://api.example.com/orders/{{ item.id }}", "api.example.com"],
    ["http://API.Example.com:8080", "api.example.com"],
    ["https://bücher.example/x", "xn--bcher-kva.example"],
    ["https://{{ item.host }}/x", undefined],
    ["https://api.{{ vars.stage }}.example.com/", undefined],
    ["{{ item.url }}", undefined],
    ["https://user@example.com/", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s is %s", (url, host) => expect(hostOf(url)).toBe(host));
});

describe("allowed hosts", () => {
  it.each([
    [["api.example.com"], "api.example.com", true],
    [["API.example.com"], "api.example.com", true],
    [["*.example.com"], "api.example.com", true],
    [["*.example.com"], "example.com", false],
    [["api.example.com"], "evil.example.com", false],
    [[], "api.example.com", false],
  ])("%s and %s: %s", (allowed, host, is) => expect(takesIn(allowed, host)).toBe(is));
});
