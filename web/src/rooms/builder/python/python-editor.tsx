import { autocompletion, closeBrackets, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python, pythonLanguage, globalCompletion, localCompletionSource } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { linter, lintGutter, type Diagnostic } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { api, body } from "@/api/client";
import { nonce } from "@/nonce";
import { codeLooks } from "./code-looks";

export interface PythonEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  requirements: readonly string[];
  per: "all_items" | "each_item";
  /** Names of fields of the item that comes in. */
  fields: readonly string[];
  readOnly: boolean;
  /** A line of the code at which the last try failed, from 1. */
  failedLine: number | null;
}

const CONTEXT = ["execution_id", "workflow_id", "node_id", "attempt", "credential", "files"];

/** The editor of a Python node: what is wrong is marked as it is written, and nothing is run. */
export default function PythonEditor(props: PythonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (!host.current) return;
    const complete = (at: CompletionContext): CompletionResult | null => completions(at, latest.current.fields);
    const editor = new EditorView({
      parent: host.current,
      doc: latest.current.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        codeLooks,
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        indentOnInput(),
        indentUnit.of("    "),
        python(),
        pythonLanguage.data.of({ autocomplete: complete }),
        pythonLanguage.data.of({ autocomplete: globalCompletion }),
        pythonLanguage.data.of({ autocomplete: localCompletionSource }),
        autocompletion(),
        // Tab stays the key that moves the focus on; Ctrl+] and Ctrl+[ indent.
        keymap.of([
          { key: "Mod-]", run: indentMore },
          { key: "Mod-[", run: indentLess },
          ...completionKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        linter((at) => diagnostics(at, latest.current), { delay: 500 }),
        EditorState.readOnly.of(latest.current.readOnly),
        EditorView.contentAttributes.of({ "aria-label": latest.current.label, tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString());
        }),
      ],
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== props.value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || props.failedLine === null || props.failedLine > editor.state.doc.lines) return;
    const line = editor.state.doc.line(props.failedLine);
    editor.dispatch({ selection: { anchor: line.from, head: line.to }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
  }, [props.failedLine]);
  return <div ref={host} className="max-h-[28rem] overflow-auto rounded-lg border border-line-strong/60" />;
}

async function diagnostics(view: EditorView, { requirements, per }: PythonEditorProps): Promise<Diagnostic[]> {
  const code = view.state.doc.toString();
  try {
    const found = await body(api.POST("/api/v1/code/check", { body: { code, requirements: [...requirements], per } }));
    const at = (line: number, column: number) => {
      const where = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
      return Math.min(where.from + Math.max(0, column - 1), where.to);
    };
    return found.diagnostics.map((one) => {
      const from = at(one.line, one.column);
      const to = one.end_line && one.end_column ? at(one.end_line, one.end_column) : view.state.doc.lineAt(from).to;
      return { from, to: Math.max(from, to), severity: one.severity === "error" ? "error" : "warning", message: one.message, source: one.code };
    });
  } catch {
    return []; // Not checked is not wrong: the server checks again before anything runs.
  }
}

function completions(at: CompletionContext, fields: readonly string[]): CompletionResult | null {
  const member = at.matchBefore(/\bctx\.\w*/);
  if (member) return { from: member.from + 4, options: CONTEXT.map((label) => ({ label, type: "property" })), validFor: /^\w*$/ };
  const key = at.matchBefore(/\bitem\[(["'])\w*/);
  if (key) {
    const quote = key.text.search(/["']/);
    return { from: key.from + quote + 1, options: fields.map((label) => ({ label, type: "property" })), validFor: /^\w*$/ };
  }
  const word = at.matchBefore(/\w+/);
  if (!word) return null;
  return { from: word.from, options: ["items", "item", "ctx"].map((label) => ({ label, type: "variable", boost: 2 })), validFor: /^\w*$/ };
}
