import { expect, it } from "vitest";
import type { WorkflowDocument } from "../state/document";
import { inOrder } from "./order";

it("lists every node once, branches indented, cycles and islands included", () => {
  const node = (id: string) => ({ id, type: "set", params: {} });
  const document: WorkflowDocument = {
    name: "w",
    settings: {},
    nodes: ["end", "start", "yes", "no", "x", "y"].map(node),
    connections: [
      { from: "start", to: "yes" }, { from: "start", to: "no" }, { from: "yes", to: "end" }, { from: "no", to: "end" },
      { from: "x", to: "y" }, { from: "y", to: "x" },
    ],
    sticky_notes: [],
  };
  expect(inOrder(document).map((one) => `${one.node.id}${one.depth}`)).toEqual(["start0", "yes1", "end1", "no1", "x0", "y0"]);
});
