import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, keymap, MatchDecorator, placeholder, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { nonce } from "@/nonce";
import { codeLooks } from "../python/code-looks";
import { completionsFor } from "./completions";
import type { ExpressionContext } from "./preview";

export interface ExpressionEditorProps {
  value: string;
  onChange: (value: string) => void;
  isTemplate: boolean;
  context: ExpressionContext | null;
  label: string;
  describedBy?: string | undefined;
  hint?: string | undefined;
  multiline?: boolean;
  readOnly?: boolean;
  onFocus?: () => void;
  /** Called once with a function that puts text where the cursor is. */
  onReady?: (insert: (text: string) => void) => void;
}

const braces = new MatchDecorator({ regexp: /\{\{.*?\}\}/g, decoration: Decoration.mark({ class: "cm-expression" }) });
const highlightBraces = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = braces.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = braces.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** A field for an expression, or for a text with `{{ expressions }}` in it. */
export default function ExpressionEditor(props: ExpressionEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  const access = useRef(new Compartment());
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (!host.current) return;
    const { isTemplate, multiline } = latest.current;
    const single: Extension = EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1 ? [] : change));
    const editor = new EditorView({
      parent: host.current,
      doc: latest.current.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        codeLooks,
        history(),
        bracketMatching(),
        closeBrackets(),
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        autocompletion({ override: [completionsFor(() => latest.current.context, isTemplate)] }),
        isTemplate ? highlightBraces : python(),
        placeholder(latest.current.hint ?? ""),
        EditorView.lineWrapping,
        multiline || isTemplate ? [] : single,
        EditorView.contentAttributes.of({
          tabindex: "0",
          "aria-label": latest.current.label,
          ...(latest.current.describedBy ? { "aria-describedby": latest.current.describedBy } : {}),
        }),
        access.current.of(EditorState.readOnly.of(latest.current.readOnly ?? false)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          if (update.focusChanged && update.view.hasFocus) latest.current.onFocus?.();
        }),
      ],
    });
    view.current = editor;
    latest.current.onReady?.((text) => {
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    });
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== props.value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
    }
  }, [props.value]);
  return <div ref={host} />;
}
