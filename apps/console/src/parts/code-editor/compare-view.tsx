import { useComputedColorScheme } from '@mantine/core';
import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { commonExtensions, named } from './editor-extensions';
import type { TextFormat } from './definition-text';

interface Props {
  /** What each side is called for those who do not see it. */
  readonly labels: readonly [left: string, right: string];
  readonly left: string;
  readonly right: string;
  readonly format: TextFormat;
  /** With it the right side can be changed, and takes over parts of the left one. */
  readonly onChange?: (right: string) => void;
  readonly height: string;
}

/** Two texts side by side, with what differs marked and what is the same folded away. */
export function CompareView({ labels: [leftLabel, rightLabel], left, right, format, onChange, height }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const changed = useRef(onChange);
  const { t } = useTranslation();
  const unchanged = t('parts.compare.unchanged');
  const take = t('parts.compare.take');
  const isDark = useComputedColorScheme('light') === 'dark';
  useEffect(() => {
    changed.current = onChange;
  });
  useEffect(() => {
    if (place.current === null) return undefined;
    const phrases = { '$ unchanged lines': unchanged, 'Revert this chunk': take };
    const shared = [basicSetup, commonExtensions(format, isDark), EditorState.phrases.of(phrases)];
    const isEditable = changed.current !== undefined;
    const view = new MergeView({
      parent: place.current,
      a: { doc: left, extensions: [shared, named(leftLabel), EditorState.readOnly.of(true)] },
      b: {
        doc: right,
        extensions: [
          shared,
          named(rightLabel),
          EditorState.readOnly.of(!isEditable),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) changed.current?.(state.doc.toString());
          }),
        ],
      },
      collapseUnchanged: { margin: 3, minSize: 6 },
      ...(isEditable && { revertControls: 'a-to-b' as const }),
    });
    return () => view.destroy();
    // `right` is where it begins; it then grows in the view itself.
  }, [left, format, isDark, leftLabel, rightLabel, unchanged, take]);
  return <div ref={place} className="compare-view" style={{ height }} />;
}
