/** How many changes can be taken back. */
export const MOST_STEPS = 100;

export interface History<T> {
  readonly present: T;
  readonly past: readonly T[];
  readonly future: readonly T[];
  /** What the last change was about; changes of the same kind in a row are one step to undo. */
  readonly lastKind: string | null;
}

export function begin<T>(present: T): History<T> {
  return { present, past: [], future: [], lastKind: null };
}

/**
 * The history with one more change. Give a `kind` (such as `params:node1`) for changes that come
 * in quick succession, as typing and dragging do: they are taken back together.
 */
export function record<T>(history: History<T>, next: T, kind: string | null = null): History<T> {
  if (next === history.present) return history;
  const joins = kind !== null && kind === history.lastKind;
  const past = joins ? history.past : [...history.past, history.present].slice(-MOST_STEPS);
  return { present: next, past, future: [], lastKind: kind };
}

/** After this, the next change of the same kind is a step of its own. */
export function settle<T>(history: History<T>): History<T> {
  return history.lastKind === null ? history : { ...history, lastKind: null };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { present: before, past: history.past.slice(0, -1), future: [history.present, ...history.future], lastKind: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...later] = history.future;
  if (next === undefined) return history;
  return { present: next, past: [...history.past, history.present], future: later, lastKind: null };
}
