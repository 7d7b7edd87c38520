import { describe, expect, it } from "vitest";
import type { WorkflowDocument } from "@/rooms/builder/state/document";
import { arranged, NODE_WIDTH, positionsOf } from "./positions";

function chain(...ids: string[]): WorkflowDocument {
  const pairs = ids.slice(1).map((id, at) => ({ from: ids[at] ?? "", to: id }));
  return { name: "w", nodes: ids.map((id) => ({ id, type: "set" })), connections: pairs } as unknown as WorkflowDocument;
}

describe("positions", () => {
  it("puts each node to the right of the one before it", () => {
    const at = arranged(chain("a", "b", "c"));
    const lefts = ["a", "b", "c"].map((id) => at.get(id)?.x ?? NaN);
    expect(lefts[1]).toBeGreaterThan((lefts[0] ?? NaN) + NODE_WIDTH);
    expect(lefts[2]).toBeGreaterThan((lefts[1] ?? NaN) + NODE_WIDTH);
  });

  it("leaves nodes where they were put", () => {
    const document = chain("a", "b");
    document.nodes.forEach((node, at) => Object.assign(node, { position: { x: at, y: 7 } }));
    expect(positionsOf(document).get("b")).toEqual({ x: 1, y: 7 });
  });

  it("arranges all where one was never put anywhere", () => {
    const document = chain("a", "b");
    Object.assign(document.nodes[0] as object, { position: { x: 9000, y: 7 } });
    expect(positionsOf(document)).toEqual(arranged(chain("a", "b")));
  });
});
