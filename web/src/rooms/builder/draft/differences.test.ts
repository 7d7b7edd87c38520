import { expect, it } from "vitest";
import type { WorkflowDocument } from "../state/document";
import { differences } from "./differences";

const document = (nodes: object[], connections: object[] = []) =>
  ({ name: "w", settings: {}, nodes, connections, sticky_notes: [] }) as unknown as WorkflowDocument;

it("names what was added, removed and changed, and nothing that only moved", () => {
  const before = document(
    [{ id: "a", type: "set", params: { x: 1, same: [1] }, position: { x: 0, y: 0 } }, { id: "gone", type: "set", params: {} }],
    [{ from: "a", to: "gone" }],
  );
  const after = document([
    { id: "a", type: "set", params: { x: 2, same: [1] }, position: { x: 50, y: 0 }, disabled: true },
    { id: "new", name: "New one", type: "set", params: {} },
  ]);
  const found = differences(before, after);
  expect(found.nodes.map((one) => [one.kind, one.title, one.members.map((member) => member.name)])).toEqual([
    ["changed", "a", ["disabled", "params.x"]],
    ["added", "New one", []],
    ["removed", "gone", []],
  ]);
  expect([found.connectionsAdded, found.connectionsRemoved]).toEqual([0, 1]);
});
