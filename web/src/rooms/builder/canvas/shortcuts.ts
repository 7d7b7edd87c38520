import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { tinykeys } from "tinykeys";
import { isTyping } from "@/shell/shortcuts";
import type { Commands } from "../edit/commands";
import { useBuilderStore } from "../state/store";

export interface ShortcutActions {
  addNode: () => void;
  run: () => void;
  save: () => void;
  publish: () => void;
  search: () => void;
  toggleOutline: () => void;
  rename: () => void;
  pin: () => void;
}

/** The editor's keys; no letter is a command while somebody writes. */
export function useShortcuts(commands: Commands, actions: ShortcutActions): void {
  const store = useBuilderStore();
  const flow = useReactFlow();
  useEffect(() => {
    const always = (act: () => void) => (event: KeyboardEvent) => {
      event.preventDefault();
      act();
    };
    const free = (act: () => void) => (event: KeyboardEvent) => {
      const inDialog = (event.target as HTMLElement | null)?.closest?.("[role=dialog], [role=menu]");
      if (isTyping(event) || inDialog) return;
      event.preventDefault();
      act();
    };
    const open = () => {
      const [only] = store.getState().selectedNodes;
      if (only !== undefined) store.getState().open(only);
    };
    const unbind = tinykeys(window, {
      a: free(actions.addNode),
      "/": free(actions.addNode),
      "$mod+Enter": always(actions.run),
      "$mod+s": always(actions.save),
      "$mod+Shift+p": always(actions.publish),
      "$mod+z": free(() => store.getState().undo()),
      "$mod+Shift+z": free(() => store.getState().redo()),
      "$mod+y": free(() => store.getState().redo()),
      "$mod+d": free(commands.duplicate),
      "$mod+a": free(commands.selectAll),
      "$mod+f": free(actions.search),
      Delete: free(commands.remove),
      Backspace: free(commands.remove),
      F2: free(actions.rename),
      d: free(() => commands.toggle("disabled")),
      p: free(actions.pin),
      l: free(commands.arrange),
      o: free(actions.toggleOutline),
      "+": free(() => void flow.zoomIn()),
      "=": free(() => void flow.zoomIn()),
      "-": free(() => void flow.zoomOut()),
      "1": free(() => void flow.fitView({ maxZoom: 1, padding: 0.2 })),
      Escape: (event) => {
        if (!(event.target as HTMLElement | null)?.closest?.("[role=dialog], [role=menu]")) {
          if (store.getState().openNode !== null) store.getState().open(null);
          else store.getState().select({});
        }
      },
    });
    const onEnter = (event: KeyboardEvent) => {
      // A node that has the focus is opened by Enter, as buttons are.
      const onNode = (event.target as HTMLElement | null)?.classList?.contains("react-flow__node");
      if (event.key === "Enter" && onNode && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        open();
      }
    };
    const onCopy = (event: ClipboardEvent) => {
      if (isTyping(event) || !commands.hasChosen() || window.getSelection()?.toString()) return;
      event.clipboardData?.setData("text/plain", commands.copyText());
      event.preventDefault();
      if (event.type === "cut") commands.remove();
    };
    const onPaste = (event: ClipboardEvent) => {
      if (!isTyping(event) && commands.pasteText(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
    };
    window.addEventListener("keydown", onEnter);
    window.addEventListener("copy", onCopy);
    window.addEventListener("cut", onCopy);
    window.addEventListener("paste", onPaste);
    return () => {
      unbind();
      window.removeEventListener("keydown", onEnter);
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("cut", onCopy);
      window.removeEventListener("paste", onPaste);
    };
  }, [actions, commands, flow, store]);
}
