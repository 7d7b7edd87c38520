import { useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect } from "react";
import { useMe } from "./me";

/** What shows each kind of what a workspace has lists of; of a webhook is shown when it last started an execution. */
const SHOWN: Record<string, QueryKey[]> = {
  executions: [["executions", "list"], ["triggers"]],
  triggers: [["triggers"]],
  billing: [["billing"]],
};
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Keeps lists true without asking for them: they are read again when the server says that they changed. */
export function useWorkspaceChanges(): void {
  const queries = useQueryClient();
  const workspaceId = useMe().workspace.id;
  useEffect(() => followWorkspace(queries), [queries, workspaceId]);
}

/**
 * Follows the workspace's changes for as long as the tab is seen; returns what ends that.
 *
 * A browser has few connections to a server, so that a tab in the background gives its own back. The first event after
 * each new connection names everything: what happened meanwhile is not missed.
 */
export function followWorkspace(queries: QueryClient): () => void {
  const readers = new Map<string, () => void>();
  const readerFor = (key: QueryKey) => {
    const name = key.join("/");
    const reader = readers.get(name) ?? readerOf(queries, key);
    readers.set(name, reader);
    return reader;
  };
  let source: EventSource | null = null;
  let retry = 0;
  let pause = FIRST_PAUSE_MS;

  const open = () => {
    const opened = new EventSource("/api/v1/workspace/changes");
    source = opened;
    opened.addEventListener("changed", (event) => {
      pause = FIRST_PAUSE_MS;
      const { kinds } = JSON.parse((event as MessageEvent<string>).data) as { kinds: string[] };
      for (const read of new Set(kinds.flatMap((kind) => SHOWN[kind] ?? []).map(readerFor))) read();
    });
    opened.onerror = () => {
      // A connection that was cut the browser opens again; one that was refused it gives up.
      if (opened.readyState !== EventSource.CLOSED) return;
      void queries.invalidateQueries({ queryKey: ["me"] });
      retry = window.setTimeout(open, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    };
  };
  const close = () => {
    window.clearTimeout(retry);
    source?.close();
    source = null;
  };
  const look = () => {
    close();
    if (!document.hidden) open();
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    close();
  };
}

/** Reads what is shown again, once at a time: what comes while it is being read is one more time. */
function readerOf(queries: QueryClient, queryKey: QueryKey): () => void {
  let reading = false;
  let again = false;
  const read = async () => {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    do {
      // What was asked for before may have been answered before the change; it is not cut off, since it may be a page more.
      again = queries.isFetching({ queryKey }) > 0;
      await queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
    } while (again);
    reading = false;
  };
  return () => void read();
}
