import { parsePath, type Reference } from '@flow/expressions';

/** A piece of a text: as it stands, or what is between a pair of braces. */
export type Piece = { readonly kind: 'raw' | 'expression'; readonly text: string };

const LONGEST_PATH = 1_024;
const ZERO_WIDTH = /[\u200B-\u200D\u2060\uFEFF]/g;
/** A step id may hold more than our identifiers do; a later part stands without quotes when nothing in it looks like an operator. */
const NAME = /^[\p{L}\p{N}_$@#:/-]+(?: [\p{L}\p{N}_$@#:/-]+)*/u;
const PART = /\.(?:([\p{L}\p{N}_$@#:-]+)|'([^'\\]*)'|"([^"\\]*)")/uy;

/** A text of the Go service, cut at its braces; joined again the pieces are the text. `{{{ }}}` and an open `{{` are no expressions. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let raw = '';
  let at = 0;
  // Looked for once: a text of many open braces would be searched to its end at each of them.
  const lastClose = text.lastIndexOf('}}}');
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', at)) {
    raw += text.slice(at, open);
    at = open;
    if (text.startsWith('{{{', open)) {
      const close = open + 3 <= lastClose ? text.indexOf('}}}', open + 3) : -1;
      at = close < 0 ? open + 1 : close + 3;
      raw += text.slice(open, at);
      continue;
    }
    const end = endOfPath(text, open + 2);
    if (end < 0) break;
    if (raw !== '') pieces.push({ kind: 'raw', text: raw });
    raw = '';
    pieces.push({ kind: 'expression', text: text.slice(open + 2, end) });
    at = end + 2;
  }
  raw += text.slice(at);
  if (raw !== '') pieces.push({ kind: 'raw', text: raw });
  return pieces;
}

/** Where the `}}` stands that is not within quotes; what is longer than any path is looked at no further. */
function endOfPath(text: string, start: number): number {
  let quote = '';
  for (let at = start; at < Math.min(text.length, start + LONGEST_PATH); at += 1) {
    const char = text.charAt(at);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '}' && text.charAt(at + 1) === '}') return at;
  }
  return text.indexOf('}}', start);
}

/** What stands between braces as the Go service reads it: a name and parts behind dots, and nothing else; undefined when it is none. */
export function parseGoPath(text: string): Reference | undefined {
  const trimmed = text.replaceAll(ZERO_WIDTH, '').trim();
  const ours = parsePath(trimmed);
  if (ours) return ours;
  const name = NAME.exec(trimmed)?.[0];
  if (name === undefined) return undefined;
  const path: (string | number)[] = [];
  for (let at = name.length; at < trimmed.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const match = PART.exec(trimmed);
    if (!match) return undefined;
    const [, bare, single, double] = match;
    path.push(bare !== undefined && /^(0|[1-9]\d{0,14})$/.test(bare) ? Number(bare) : (bare ?? single ?? double ?? ''));
  }
  return { name, path };
}

/** The path as our language writes it; undefined for parts that no quotes can hold. */
export function writePath({ name, path }: Reference): string | undefined {
  const parts = writeParts(path);
  if (parts === undefined) return undefined;
  const plain = name + parts;
  const read = parsePath(plain);
  if (read?.name === name && read.path.length === path.length) return plain;
  // A step whose id is no identifier.
  return name.startsWith('__') ? `step(${JSON.stringify(name.slice(2))})${parts}` : undefined;
}

/** The parts behind a name; undefined for those that no quotes can hold. */
export function writeParts(path: Reference['path']): string | undefined {
  const parts = path.map(writePart);
  return parts.includes(undefined) ? undefined : parts.join('');
}

function writePart(part: string | number): string | undefined {
  if (typeof part === 'number') return `.${part}`;
  if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(part)) return `.${part}`;
  if (part.includes('\\')) return undefined;
  if (!part.includes("'")) return `.'${part}'`;
  return part.includes('"') ? undefined : `."${part}"`;
}
