import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import { Problem } from "@/api/problem";
import { draw } from "@/rooms/billing/test-tools";
import type { Schema } from "./json-schema";
import { NodeFormProvider } from "./node-form";
import { OptionField } from "./option-field";

const SCHEMA: Schema = { "x-options": "models", "x-depends-on": ["base_url"], "x-input": "template" };
type Asked = { query: string; cursor: string | null; params: Record<string, unknown>; credentials: Record<string, string> };

beforeAll(() => {
  // What a browser has and jsdom lacks; lists are scrolled and measured.
  window.HTMLElement.prototype.scrollIntoView = () => {};
  window.HTMLElement.prototype.hasPointerCapture = () => false;
  window.ResizeObserver = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
});
afterEach(() => vi.restoreAllMocks());

function answering(answer: (asked: Asked) => [number, unknown]) {
  const asked: Asked[] = [];
  vi.spyOn(api, "POST").mockImplementation(((_path: string, { body }: { body: Asked }) => {
    asked.push(body);
    const [status, content] = answer(body);
    return status < 300 ? Promise.resolve({ data: content, response: new Response() }) : Promise.reject(new Problem(status, content as Record<string, string>));
  }) as never);
  return asked;
}

function Field() {
  const [value, setValue] = useState<unknown>("");
  return (
    <NodeFormProvider value={{ type: "ai_chat", params: { base_url: "https://a.test", prompt: "secret plans" }, credentials: { account: "c1" } }}>
      <OptionField label="Model" hint={undefined} error={undefined} required={false} schema={SCHEMA} root={{}} value={value} onChange={setValue} readOnly={false} />
      <output aria-label="Kept">{String(value)}</output>
    </NodeFormProvider>
  );
}

const option = (name: string) => ({ label: name, value: name, detail: "" });

describe("OptionField", () => {
  it("asks with what the list depends on only, searches, and takes what is chosen", async () => {
    const asked = answering(({ query }) => [200, { items: ["large", "small"].filter((one) => one.includes(query)).map(option), next_cursor: null }]);
    await draw(<Field />);
    fireEvent.click(screen.getByRole("combobox", { name: "Model" }));
    expect(await screen.findByRole("option", { name: "large" })).toBeVisible();
    expect(asked[0]).toEqual({ query: "", cursor: null, params: { base_url: "https://a.test" }, credentials: { account: "c1" } });
    fireEvent.change(screen.getByPlaceholderText("Search the list"), { target: { value: "sma" } });
    await waitFor(() => expect(screen.queryByRole("option", { name: "large" })).toBeNull());
    fireEvent.click(screen.getByRole("option", { name: "small" }));
    expect(screen.getByRole("status", { name: "Kept" })).toHaveTextContent("small");
  });

  it("gets further pages", async () => {
    answering(({ cursor }) => [200, cursor ? { items: [option("second")], next_cursor: null } : { items: [option("first")], next_cursor: "1" }]);
    await draw(<Field />);
    fireEvent.click(screen.getByRole("combobox", { name: "Model" }));
    fireEvent.click(await screen.findByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("option", { name: "second" })).toBeVisible();
    expect(screen.getByRole("option", { name: "first" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });

  it("says what stands in the way, and tries again", async () => {
    let isDown = true;
    answering(() => (isDown ? [503, { title: "Unavailable", detail: "The other side takes too long; try again." }] : [200, { items: [option("large")], next_cursor: null }]));
    await draw(<Field />);
    fireEvent.click(screen.getByRole("combobox", { name: "Model" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("takes too long");
    isDown = false;
    fireEvent.click(screen.getByRole("button", { name: /again/i }));
    expect(await screen.findByRole("option", { name: "large" })).toBeVisible();
  });
});
