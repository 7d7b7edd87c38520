import { connectionKey, type WorkflowDocument } from "../state/document";

interface MemberDifference {
  name: string;
  before: unknown;
  after: unknown;
}

export interface Difference {
  kind: "added" | "removed" | "changed";
  nodeId: string;
  title: string;
  /** The members that differ, such as `params.condition`. */
  members: MemberDifference[];
}

export interface Differences {
  /** What differs of the workflow itself: its name, its settings, its notes. */
  workflow: MemberDifference[];
  nodes: Difference[];
  connectionsAdded: number;
  connectionsRemoved: number;
}

/** Whether two documents are the same to a person. */
export function isNothing(found: Differences): boolean {
  return found.workflow.length === 0 && found.nodes.length === 0 && found.connectionsAdded === 0 && found.connectionsRemoved === 0;
}

const LOOKED_AT = ["type", "name", "credential_id", "credentials", "retry", "timeout_s", "on_error", "if_empty", "disabled", "pinned", "notes"] as const;
const same = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** What a person has changed between two documents; where nodes stand is no change. */
export function differences(before: WorkflowDocument, after: WorkflowDocument): Differences {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Map(after.nodes.map((node) => [node.id, node]));
  const nodes: Difference[] = [];
  for (const node of after.nodes) {
    const was = old.get(node.id);
    if (!was) {
      nodes.push({ kind: "added", nodeId: node.id, title: node.name || node.id, members: [] });
      continue;
    }
    const members = [
      ...LOOKED_AT.filter((name) => !same(was[name], node[name])).map((name) => ({ name: name as string, before: was[name] as unknown, after: node[name] as unknown })),
      ...[...new Set([...Object.keys(was.params), ...Object.keys(node.params)])]
        .filter((name) => !same(was.params[name], node.params[name]))
        .map((name) => ({ name: `params.${name}`, before: was.params[name], after: node.params[name] })),
    ];
    if (members.length > 0) nodes.push({ kind: "changed", nodeId: node.id, title: node.name || node.id, members });
  }
  for (const node of before.nodes) {
    if (!now.has(node.id)) nodes.push({ kind: "removed", nodeId: node.id, title: node.name || node.id, members: [] });
  }
  const keysBefore = new Set(before.connections.map(connectionKey));
  const keysAfter = new Set(after.connections.map(connectionKey));
  return {
    workflow: membersOf(before, after),
    nodes,
    connectionsAdded: [...keysAfter].filter((key) => !keysBefore.has(key)).length,
    connectionsRemoved: [...keysBefore].filter((key) => !keysAfter.has(key)).length,
  };
}

function membersOf(before: WorkflowDocument, after: WorkflowDocument): MemberDifference[] {
  const flat = (document: WorkflowDocument): Record<string, unknown> => ({
    name: document.name,
    sticky_notes: document.sticky_notes.map((note) => note.text),
    ...Object.fromEntries(Object.entries(document.settings).map(([name, value]) => [`settings.${name}`, value])),
  });
  const [old, now] = [flat(before), flat(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !same(old[name], now[name])).map((name) => ({ name, before: old[name], after: now[name] }));
}
