import { autocompletion, type CompletionSource } from '@codemirror/autocomplete';
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { styleNonce } from '../../shell/style-nonce';
import { suggestionsAt } from './completion';
import type { TextFormat } from './definition-text';

const darkHighlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: '#79c0ff' },
  { tag: tags.string, color: '#a5d6ff' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: '#ff7b72' },
  { tag: tags.comment, color: '#9198a1' },
  { tag: [tags.punctuation, tags.separator], color: '#9198a1' },
]);

const look = EditorView.theme({
  '&': {
    fontSize: '12px',
    height: '100%',
    backgroundColor: 'var(--console-ground)',
    color: 'var(--mantine-color-text)',
  },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.5' },
  '.cm-gutters': {
    backgroundColor: 'var(--console-raised)',
    color: 'var(--state-muted)',
    borderColor: 'var(--console-line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in srgb, var(--console-line) 35%, transparent)',
  },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--console-raised)',
    borderColor: 'var(--console-line)',
    color: 'var(--mantine-color-text)',
  },
  '.cm-tooltip .cm-completionInfo': { maxWidth: '320px' },
});

/** What every editor of the console has: its language, its look in the theme of the page, and the nonce of the page for its styles. */
export const commonExtensions = (format: TextFormat, isDark: boolean): Extension => [
  format === 'json' ? json() : yaml(),
  look,
  EditorView.darkTheme.of(isDark),
  syntaxHighlighting(isDark ? darkHighlight : defaultHighlightStyle),
  EditorView.cspNonce.of(styleNonce()),
  EditorView.lineWrapping,
];

/** What an editor is called for those who do not see it; it is come to by the keyboard, also where it is only read. */
export const named = (label: string): Extension =>
  EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' });

/** Suggests by a JSON Schema; it is asked for with every word that is typed, and by Ctrl-Space. */
export function completionBy(schema: Readonly<Record<string, unknown>>, format: TextFormat): Extension {
  const source: CompletionSource = (context) => {
    const { state, pos, explicit } = context;
    if (!explicit && context.matchBefore(/["'\w@/.-]+$/) === null) return null;
    const found = suggestionsAt(state.doc.toString(), pos, format, schema);
    if (found === undefined) return null;
    const close = /^["']/.exec(state.sliceDoc(pos, pos + 1))?.[0];
    return {
      from: found.from,
      to: close === undefined ? pos : pos + 1,
      options: found.options.map((option) => ({
        ...option,
        type: option.apply.endsWith(': ') ? 'property' : 'constant',
      })),
      filter: true,
    };
  };
  return autocompletion({ override: [source], icons: false });
}
