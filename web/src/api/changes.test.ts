import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followWorkspace } from "./changes";

class Source extends EventTarget {
  static all: Source[] = [];
  static readonly CLOSED = 2;
  readyState = 0;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close() {
    this.readyState = Source.CLOSED;
  }
  says(...kinds: string[]) {
    this.dispatchEvent(new MessageEvent("changed", { data: JSON.stringify({ kinds }) }));
  }
}

let hidden = false;
const show = (seen: boolean) => {
  hidden = !seen;
  document.dispatchEvent(new Event("visibilitychange"));
};
const last = () => Source.all[Source.all.length - 1] as Source;
const open = () => Source.all.filter((one) => one.readyState !== Source.CLOSED);

beforeEach(() => {
  Source.all = [];
  hidden = false;
  vi.stubGlobal("EventSource", Source);
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A list on the screen, whose answers come when the test lets them. */
function shown(queries: QueryClient, queryKey: string[]) {
  const asked: (() => void)[] = [];
  const observer = new QueryObserver(queries, { queryKey, queryFn: () => new Promise<number>((answer) => asked.push(() => answer(asked.length))) });
  const stop = observer.subscribe(() => {});
  return { asked, stop };
}

it("reads again what the server says has changed, and nothing else", async () => {
  const queries = new QueryClient();
  const executions = shown(queries, ["executions", "list"]);
  const triggers = shown(queries, ["triggers"]);
  executions.asked[0]?.();
  triggers.asked[0]?.();
  await vi.waitFor(() => expect(queries.isFetching()).toBe(0));
  const end = followWorkspace(queries);
  last().says("triggers", "what is not known yet");
  await vi.waitFor(() => expect(triggers.asked).toHaveLength(2));
  expect(executions.asked).toHaveLength(1);
  triggers.asked[1]?.();
  await vi.waitFor(() => expect(queries.isFetching()).toBe(0));
  last().says("executions", "triggers");
  await vi.waitFor(() => expect(triggers.asked).toHaveLength(3));
  triggers.asked[2]?.();
  await vi.waitFor(() => expect(executions.asked).toHaveLength(2));
  expect(triggers.asked).toHaveLength(3);
  end();
  expect(open()).toEqual([]);
});

it("reads once more for all that comes while it reads", async () => {
  const queries = new QueryClient();
  const { asked } = shown(queries, ["executions", "list"]);
  const end = followWorkspace(queries);
  // The first answer is under way, and may be older than the change.
  last().says("executions");
  last().says("executions");
  last().says("executions");
  expect(asked).toHaveLength(1);
  asked[0]?.();
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.();
  await vi.waitFor(() => expect(queries.isFetching()).toBe(0));
  expect(asked).toHaveLength(2);
  last().says("executions");
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  end();
});

it("keeps no connection while nobody sees the tab", () => {
  const end = followWorkspace(new QueryClient());
  expect(open()).toHaveLength(1);
  show(false);
  expect(open()).toEqual([]);
  show(true);
  expect(open()).toHaveLength(1);
  end();
  show(true);
  expect(open()).toEqual([]);
});

it("comes again, ever more seldom, where it was refused", () => {
  vi.useFakeTimers();
  const end = followWorkspace(new QueryClient());
  const refuse = () => {
    last().close();
    last().onerror?.();
  };
  refuse();
  vi.advanceTimersByTime(1000);
  expect(Source.all).toHaveLength(2);
  refuse();
  vi.advanceTimersByTime(1000);
  expect(Source.all).toHaveLength(2);
  vi.advanceTimersByTime(1000);
  expect(Source.all).toHaveLength(3);
  refuse();
  end();
  vi.advanceTimersByTime(60_000);
  expect(Source.all).toHaveLength(3);
});
