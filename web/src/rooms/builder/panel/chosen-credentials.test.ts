import { describe, expect, it } from "vitest";
import type { NodeType, WorkflowNode } from "../state/document";
import { chosenCredentials, withCredential } from "./chosen-credentials";

const type = { credentials: [{ name: "account" }, { name: "second" }] } as NodeType;
const node = (more: Partial<WorkflowNode>): WorkflowNode => ({ id: "a", type: "t", params: {}, ...more });

describe("a node's credentials", () => {
  it("are those by slot, and the single one is that of the first", () => {
    expect(chosenCredentials(node({ credential_id: "1" }), type)).toEqual({ account: "1" });
    expect(chosenCredentials(node({ credentials: { account: "1", second: "2" } }), type)).toEqual({ account: "1", second: "2" });
    expect(chosenCredentials(node({ credential_id: "1", credentials: { second: "2" } }), type)).toEqual({ account: "1", second: "2" });
    expect(chosenCredentials(node({ credential_id: "1" }), undefined)).toEqual({});
  });

  it("stay a single one while only the first is chosen", () => {
    expect(withCredential(node({}), type, "account", "1")).toEqual({ credential_id: "1", credentials: undefined });
    expect(withCredential(node({ credential_id: "1" }), type, "account", "")).toEqual({ credential_id: null, credentials: undefined });
  });

  it("stand together once there are several, and go back to a single one", () => {
    const both = withCredential(node({ credential_id: "1" }), type, "second", "2");
    expect(both).toEqual({ credential_id: undefined, credentials: { account: "1", second: "2" } });
    expect(withCredential(node(both), type, "second", "")).toEqual({ credential_id: "1", credentials: undefined });
    expect(withCredential(node(both), type, "account", "")).toEqual({ credential_id: undefined, credentials: { second: "2" } });
  });
});
