import { describe, expect, it } from "vitest";
import { begin, MOST_STEPS, record, redo, settle, undo } from "./history";

describe("the history of a document", () => {
  it("takes back and brings back", () => {
    const changed = record(record(begin("a"), "b"), "c");
    expect(undo(undo(changed)).present).toBe("a");
    expect(redo(undo(changed)).present).toBe("c");
    expect(undo(begin("a")).present).toBe("a");
  });

  it("takes back what was typed in one go together, until it settles", () => {
    const typed = record(record(record(begin("a"), "ab", "name"), "abc", "name"), "abcd", "name");
    expect(undo(typed).present).toBe("a");
    expect(undo(record(settle(typed), "abcde", "name")).present).toBe("abcd");
  });

  it("forgets what could be brought back after a new change", () => {
    expect(record(undo(record(begin("a"), "b")), "c").future).toEqual([]);
  });

  it("keeps a hundred steps", () => {
    let history = begin(0);
    for (let step = 1; step <= MOST_STEPS + 50; step += 1) history = record(history, step);
    expect(history.past).toHaveLength(MOST_STEPS);
    for (let step = 0; step < MOST_STEPS; step += 1) history = undo(history);
    expect(history.present).toBe(50);
  });
});
