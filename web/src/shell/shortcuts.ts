/** The shortcuts of the app, as `tinykeys` reads them (`$mod`) and as people see them (`Mod`). */
export const SHORTCUTS = {
  everywhere: [
    ["palette", "Mod+K"],
    ["help", "?"],
    ["goWorkflows", "G W"],
    ["goExecutions", "G E"],
  ],
  editor: [
    ["addNode", "A"],
    ["run", "Mod+Enter"],
    ["save", "Mod+S"],
    ["publish", "Mod+Shift+P"],
    ["undo", "Mod+Z"],
    ["redo", "Mod+Shift+Z"],
    ["copy", "Mod+C"],
    ["cut", "Mod+X"],
    ["paste", "Mod+V"],
    ["duplicate", "Mod+D"],
    ["delete", "Delete"],
    ["selectAll", "Mod+A"],
    ["open", "Enter"],
    ["rename", "F2"],
    ["disable", "D"],
    ["pin", "P"],
    ["search", "Mod+F"],
    ["layout", "L"],
    ["outline", "O"],
    ["zoomIn", "+"],
    ["zoomOut", "-"],
    ["fit", "1"],
    ["close", "Escape"],
  ],
} as const;

/** Whether a key press is meant for a text field, so that no single letter of it is a command. */
export function isTyping(event: Event): boolean {
  const target = event.target as HTMLElement | null;
  return Boolean(target?.closest?.("input, textarea, select, [contenteditable=true], .cm-editor"));
}
