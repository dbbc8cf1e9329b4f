import { useComputedColorScheme } from '@mantine/core';
import { linter, lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import { styleNonce } from '../../shell/style-nonce';
import { commonExtensions, completionBy, named } from './editor-extensions';
import type { TextFormat } from './definition-text';

interface Props {
  readonly label: string;
  /** The text at first, and anew whenever another one is given than the editor holds. */
  readonly value: string;
  readonly format: TextFormat;
  readonly onChange?: (value: string) => void;
  /** Without it nothing is suggested. */
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly diagnostics?: readonly Diagnostic[];
  readonly height: string;
}

/** A text editor; without `onChange` it only shows. Its library is large: load the page part that has it by `lazy`. */
export function CodeEditor({ label, value, format, onChange, schema, diagnostics = [], height }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const parts = useRef({ look: new Compartment(), completion: new Compartment() });
  const changed = useRef(onChange);
  const isDark = useComputedColorScheme('light') === 'dark';
  useEffect(() => {
    changed.current = onChange;
  });

  useEffect(() => {
    if (place.current === null) return undefined;
    const isReadOnly = changed.current === undefined;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          // From the first on: the styles of the view are made with it.
          EditorView.cspNonce.of(styleNonce()),
          basicSetup,
          parts.current.look.of([]),
          parts.current.completion.of([]),
          EditorState.readOnly.of(isReadOnly),
          named(label),
          linter(null),
          lintGutter(),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) changed.current?.(state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
    // The editor is made once; what changes afterwards is told to it below.
  }, []);

  useEffect(() => {
    view.current?.dispatch({
      effects: [
        parts.current.look.reconfigure(commonExtensions(format, isDark)),
        parts.current.completion.reconfigure(schema ? completionBy(schema, format) : []),
      ],
    });
  }, [format, isDark, schema]);

  useEffect(() => {
    const held = view.current?.state.doc.toString();
    if (held !== undefined && held !== value)
      view.current?.dispatch({ changes: { from: 0, to: held.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const { length } = editor.state.doc;
    const within = diagnostics.map((one) => ({
      ...one,
      from: Math.min(one.from, length),
      to: Math.min(one.to, length),
    }));
    editor.dispatch(setDiagnostics(editor.state, within));
  }, [diagnostics]);

  return <div ref={place} className="code-editor" style={{ height }} />;
}
