import { Button, Group, Text, UnstyledButton } from '@mantine/core';
import { CopyIcon, DownloadIcon } from '@primer/octicons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bytesText } from '../../shell/took';
import { saveFile } from '../save-file';
import { VirtualLines } from '../virtual-lines/virtual-lines';
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
          {bytesText(json.length)}
          {json.length > LARGE && ` · ${t('parts.json.large')}`}
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
              {copied ? t('parts.copied') : t('parts.copy')}
            </Button>
          )}
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<DownloadIcon size={12} />}
            onClick={() => saveFile(`${name}.json`, json)}
          >
            {t('parts.json.download')}
          </Button>
        </Group>
      </Group>
      <VirtualLines
        lines={lines}
        keyOf={({ key }) => key}
        linePx={LINE_PX}
        maxHeight={maxHeight}
        role="group"
        label={t('parts.json.label')}
      >
        {(line) => (
          <div className={classes.line} style={{ paddingLeft: 6 + line.depth * 16 }}>
            <Line line={line} onPress={() => press(line)} />
          </div>
        )}
      </VirtualLines>
    </div>
  );
}

function Line({ line, onPress }: { readonly line: JsonLine; readonly onPress: () => void }) {
  const { t } = useTranslation();
  const { kind, name, text, isOpen, length } = line;
  if (kind === 'more')
    return (
      <UnstyledButton className={classes.more} onClick={onPress}>
        {t('parts.json.more', { count: Number(text) })}
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
          {t('parts.json.whole', { length: String(length) })}
        </UnstyledButton>
      )}
    </span>
  );
}
