import { csrfToken, problemOf } from "@/api/client";
import { Problem } from "@/api/problem";
import type { components } from "@/api/schema";

export type CodeResult = components["schemas"]["CodeOut"];
export type CodeLog = components["schemas"]["CodeLog"];

/** Run code in the sandbox; what it prints is told while it runs. Aborting ends the run. */
export async function tryCode(request: Partial<components["schemas"]["CodeIn"]>, onLog: (piece: CodeLog) => void, signal: AbortSignal): Promise<CodeResult> {
  const response = await fetch("/api/v1/code/run", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/x-ndjson", "X-CSRF-Token": csrfToken() },
    body: JSON.stringify(request),
    signal,
  });
  if (!response.ok || !response.body) throw await problemOf(response);
  let result: CodeResult | null = null;
  for await (const line of linesOf(response.body)) {
    const told = JSON.parse(line) as Partial<CodeLog> & { result?: CodeResult; problem?: Record<string, unknown> };
    if (told.problem) throw new Problem(Number(told.problem.status ?? 500), told.problem);
    if (told.result) result = told.result;
    else if (told.stream && told.text !== undefined) onLog({ stream: told.stream, text: told.text });
  }
  if (!result) throw new Problem(0, { title: "The connection was cut", detail: "Nobody knows how the run ended. Try it again." });
  return result;
}

/** The lines of a body as they arrive. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line) yield line;
    if (done) break;
  }
  if (rest) yield rest;
}
