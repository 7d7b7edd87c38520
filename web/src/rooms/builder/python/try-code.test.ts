import { expect, it } from "vitest";
import { linesOf } from "./try-code";

async function lines(...pieces: Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const found: string[] = [];
  for await (const line of linesOf(body)) found.push(line);
  return found;
}
const bytes = (text: string) => new TextEncoder().encode(text);

it("puts lines together that came in pieces, even within a character", async () => {
  const euro = bytes('{"a":"€"}\n{"b"');
  expect(await lines(euro.slice(0, 7), euro.slice(7), bytes(":1}\n\n{}"))).toEqual(['{"a":"€"}', '{"b":1}', "{}"]);
});
