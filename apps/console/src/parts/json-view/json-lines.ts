/** One visible line of a JSON value. */
export interface JsonLine {
  /** A JSON pointer; of the rest of a long list, that of the list with how many are shown. */
  readonly key: string;
  readonly depth: number;
  /** The name or the number that it has in what is around it; undefined at the top. */
  readonly name: string | undefined;
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'more';
  /** What stands there: of a container its size, of a text its first part. */
  readonly text: string;
  readonly isOpen: boolean;
  /** Of a text that is longer than what is shown: all its characters. */
  readonly length: number | undefined;
}

export interface JsonFolding {
  /** Containers that are not as they are by themselves: the first levels are open, deeper ones are not. */
  readonly toggled: ReadonlySet<string>;
  /** How many items of a list are shown, where more than the first were asked for. */
  readonly shown: ReadonlyMap<string, number>;
  /** Texts that are shown as a whole. */
  readonly whole: ReadonlySet<string>;
}

export const ITEMS_AT_FIRST = 100;
export const CHARACTERS_AT_FIRST = 400;
/** Of a text that is opened; all of it is in the download. */
export const MOST_CHARACTERS = 20_000;
const OPEN_DEPTH = 2;
/** Lists within open levels are open only when they are short. */
const OPEN_SIZE = 20;

/** The lines of what is open, and of nothing else: a value of ten million characters costs what is seen of it. */
export function linesOf(value: unknown, folding: JsonFolding): readonly JsonLine[] {
  const lines: JsonLine[] = [];
  addLines(lines, value, '', 0, undefined, folding);
  return lines;
}

function addLines(
  lines: JsonLine[],
  value: unknown,
  key: string,
  depth: number,
  name: string | undefined,
  folding: JsonFolding,
): void {
  if (typeof value !== 'object' || value === null) {
    lines.push(leafOf(value, key, depth, name, folding));
    return;
  }
  const isArray = Array.isArray(value);
  const names = isArray ? undefined : Object.keys(value);
  const size = names?.length ?? (value as unknown[]).length;
  const isOpenByItself = depth === 0 || (depth < OPEN_DEPTH && size <= OPEN_SIZE);
  const isOpen = size > 0 && folding.toggled.has(key) !== isOpenByItself;
  const text = isArray ? `[${size}]` : `{${size}}`;
  lines.push({ key, depth, name, kind: isArray ? 'array' : 'object', text, isOpen, length: undefined });
  if (!isOpen) return;
  const shown = Math.min(size, folding.shown.get(key) ?? ITEMS_AT_FIRST);
  for (let i = 0; i < shown; i += 1) {
    const inner = names?.[i] ?? String(i);
    const part = isArray ? (value as unknown[])[i] : (value as Record<string, unknown>)[inner];
    addLines(lines, part, `${key}/${inner.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1, inner, folding);
  }
  if (shown < size)
    lines.push({
      key: `${key}#${shown}`,
      depth: depth + 1,
      name: undefined,
      kind: 'more',
      text: String(size - shown),
      isOpen: false,
      length: undefined,
    });
}

function leafOf(value: unknown, key: string, depth: number, name: string | undefined, folding: JsonFolding): JsonLine {
  const leaf = { key, depth, name, isOpen: false, length: undefined };
  if (typeof value === 'string') {
    const most = folding.whole.has(key) ? MOST_CHARACTERS : CHARACTERS_AT_FIRST;
    const isCut = value.length > most;
    return {
      ...leaf,
      kind: 'string',
      text: isCut ? value.slice(0, most) : value,
      length: isCut ? value.length : undefined,
    };
  }
  if (typeof value === 'number' || typeof value === 'boolean')
    return { ...leaf, kind: typeof value as 'number' | 'boolean', text: String(value) };
  return { ...leaf, kind: 'null', text: 'null' };
}

/** How many bytes a value takes as JSON, counted up to a limit: what is larger than that is as large as anything. */
export function roughBytes(value: unknown, most: number): number {
  let bytes = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && bytes < most) {
    const one = open.pop();
    if (typeof one === 'string') bytes += one.length + 3;
    else if (Array.isArray(one)) {
      bytes += 2;
      for (const item of one) open.push(item);
    } else if (typeof one === 'object' && one !== null) {
      bytes += 2;
      for (const [name, item] of Object.entries(one)) {
        bytes += name.length + 4;
        open.push(item);
      }
    } else bytes += 6;
  }
  return bytes;
}
