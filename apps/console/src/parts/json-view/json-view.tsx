import { Button, Group, Text, UnstyledButton } from '@mantine/core';
import { CopyIcon, DownloadIcon } from '@primer/octicons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ITEMS_AT_FIRST, linesOf, type JsonFolding, type JsonLine } from './json-lines';
import classes from './json-view.module.css';

interface Props {
  readonly value: unknown;
  /** What a download is called, without `.json`. */
  readonly name: string;
  readonly maxHeight?: number;
}

const LINE_PX = 20;
const LARGE = 256 * 1024;
/** More than that is not put into a clipboard. */
const MOST_COPIED = 1024 * 1024;

const NOTHING_TOGGLED: JsonFolding = { toggled: new Set(), shown: new Map(), whole: new Set() };

/** A JSON value as text, however large: a tree of which only the lines in sight stand in the page, and all of it as a download. */
export function JsonView({ value, name, maxHeight = 420 }: Props) {
  const { t } = useTranslation();
  const [folding, setFolding] = useState(NOTHING_TOGGLED);
  const [copied, setCopied] = useState(false);
  const lines = useMemo(() => linesOf(value, folding), [value, folding]);
  const json = useMemo(() => JSON.stringify(value ?? null, undefined, 2), [value]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (i) => lines[i]?.key ?? i,
    overscan: 12,
  });

  const press = ({ key, kind, length }: JsonLine) =>
    setFolding((before) => {
      if (kind === 'more') {
        const list = key.slice(0, key.lastIndexOf('#'));
        const shown = new Map(before.shown).set(list, (before.shown.get(list) ?? ITEMS_AT_FIRST) * 5);
        return { ...before, shown };
      }
      if (length !== undefined) return { ...before, whole: new Set(before.whole).add(key) };
      const toggled = new Set(before.toggled);
      if (!toggled.delete(key)) toggled.add(key);
      return { ...before, toggled };
    });

  return (
    <div className={classes.view}>
      <Group gap="xs" className={classes.bar} wrap="nowrap">
        <Text size="xs" c="dimmed">
          {sizeText(json.length)}
          {json.length > LARGE && ` · ${t('instance.json.large')}`}
        </Text>
        <Group gap={2} wrap="nowrap" ml="auto">
          {json.length <= MOST_COPIED && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              leftSection={<CopyIcon size={12} />}
              onClick={() => void navigator.clipboard.writeText(json).then(() => setCopied(true))}
            >
              {copied ? t('instance.json.copied') : t('instance.json.copy')}
            </Button>
          )}
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<DownloadIcon size={12} />}
            onClick={() => download(json, `${name}.json`)}
          >
            {t('instance.json.download')}
          </Button>
        </Group>
      </Group>
      <div
        ref={scroller}
        className={classes.scroller}
        style={{ maxHeight }}
        tabIndex={0}
        role="group"
        aria-label={t('instance.json.label')}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const line = lines[index];
            return (
              line && (
                <div
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  className={classes.line}
                  style={{ transform: `translateY(${start}px)`, paddingLeft: 6 + line.depth * 16 }}
                >
                  <Line line={line} onPress={() => press(line)} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Line({ line, onPress }: { readonly line: JsonLine; readonly onPress: () => void }) {
  const { t } = useTranslation();
  const { kind, name, text, isOpen, length } = line;
  if (kind === 'more')
    return (
      <UnstyledButton className={classes.more} onClick={onPress}>
        {t('instance.json.more', { count: Number(text) })}
      </UnstyledButton>
    );
  const label = name === undefined ? null : <span className={classes.name}>{name}: </span>;
  if (kind === 'object' || kind === 'array')
    return (
      <UnstyledButton className={classes.fold} onClick={onPress} aria-expanded={isOpen}>
        <span aria-hidden className={classes.arrow}>
          {isOpen ? '▾' : '▸'}
        </span>
        {label}
        <span className={classes.size}>{text}</span>
      </UnstyledButton>
    );
  return (
    <span>
      {label}
      <span className={classes[kind]}>{kind === 'string' ? `"${text}${length === undefined ? '"' : '…'}` : text}</span>
      {length !== undefined && (
        <UnstyledButton className={classes.more} onClick={onPress}>
          {' '}
          {t('instance.json.whole', { length: String(length) })}
        </UnstyledButton>
      )}
    </span>
  );
}

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function sizeText(characters: number): string {
  if (characters < 1_024) return `${characters} B`;
  if (characters < 1_048_576) return `${(characters / 1_024).toFixed(1)} KiB`;
  return `${(characters / 1_048_576).toFixed(1)} MiB`;
}
