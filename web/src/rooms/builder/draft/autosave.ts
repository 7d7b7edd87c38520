import { useEffect, useRef } from "react";
import { Problem } from "@/api/problem";
import { documentOf, useBuilderStore, type BuilderStore } from "../state/store";
import { saveDraft } from "./draft-queries";

const REST_MS = 700;
const AGAIN_MS = 4000;
const PASSING = new Set([408, 425, 429]);

/** Saves what was changed, one save after the other, and never over what somebody else saved. */
export class DraftSaver {
  etag: string;
  conflict: Record<string, unknown> | null = null;
  private readonly store: BuilderStore;
  private readonly onChange: () => void;
  private timer = 0;
  private running: Promise<boolean> | null = null;

  constructor(store: BuilderStore, etag: string, onChange: () => void) {
    this.store = store;
    this.etag = etag;
    this.onChange = onChange;
  }

  /** Save when nothing has changed for a moment. */
  soon(delay = REST_MS): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.now(), delay);
  }

  stop(): void {
    window.clearTimeout(this.timer);
  }

  /** Save now, unless all is saved; says whether the server has what is on the screen. */
  async now(): Promise<boolean> {
    window.clearTimeout(this.timer);
    while (this.running) await this.running;
    const { saving } = this.store.getState();
    if (saving === "saved") return true;
    if (saving === "conflict") return false;
    this.running = this.save();
    const saved = await this.running;
    return saved && this.store.getState().saving === "dirty" ? this.now() : saved;
  }

  /** Take theirs or mine as the base from now on. */
  settle(etag: string): void {
    this.etag = etag;
    this.conflict = null;
  }

  private async save(): Promise<boolean> {
    const state = this.store.getState();
    const sent = documentOf(state);
    state.set({ saving: "saving" });
    try {
      const draft = await saveDraft(state.workflowId, this.etag, sent);
      this.etag = draft.etag;
      const unchanged = documentOf(this.store.getState()) === sent;
      state.set({ saving: unchanged ? "saved" : "dirty", problems: draft.problems, revision: draft.revision });
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 412) {
        this.conflict = (error.more.current as Record<string, unknown> | undefined) ?? {};
        state.set({ saving: "conflict" });
      } else if (isRefusal(error)) {
        // The same again would be refused again: the next change is what is worth trying.
        state.set({ saving: "refused", refusal: error });
      } else {
        state.set({ saving: "failed" });
        this.soon(AGAIN_MS);
      }
      return false;
    } finally {
      this.running = null;
      this.onChange();
    }
  }
}

/** Whether the server has read what was sent and will not have it. */
function isRefusal(error: unknown): error is Problem {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && !PASSING.has(error.status);
}

/** Has every change saved by itself, and holds back who leaves before that. */
export function useAutosave(saver: DraftSaver): void {
  const store = useBuilderStore();
  const latest = useRef(saver);
  useEffect(() => {
    latest.current = saver;
  }, [saver]);
  useEffect(() => {
    const unsubscribe = store.subscribe((state, before) => {
      if (state.saving === "dirty" && (before.saving !== "dirty" || state.history !== before.history)) latest.current.soon();
    });
    const hold = (event: BeforeUnloadEvent) => {
      if (store.getState().saving !== "saved") event.preventDefault();
    };
    window.addEventListener("beforeunload", hold);
    return () => {
      unsubscribe();
      window.removeEventListener("beforeunload", hold);
      void latest.current.now();
    };
  }, [store]);
}
