import { ExpressionInvalid, type Site } from './expression.errors';
import { indexOf } from './path';

/** An expression as the CEL parser reads it, and where each of its characters stood in the author's text. */
export interface Source {
  readonly text: string;
  siteOf(offset: number): Site;
}

const IDENTIFIER = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /0[xX][0-9a-fA-F]+[uU]?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[uU]?/y;
const DIGITS = /\d+/y;
const KEYWORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);
const MAX_UNARY = 50;
export const ZERO_WIDTH = /[\u200B-\u200D\u2060\uFEFF]/;

/**
 * Turns our additions into CEL: `.0` into `[0]`, `.'a b'` (and `.in`, `.größe`) into `['a b']`; drops zero-width characters, and reads
 * every kind of space as one. The text starts at `base` of the author's whole text `whole`.
 */
export function toSource(text: string, whole: string, base: number): Source {
  let out = '';
  const origins: number[] = [];
  let operand = false; // the last token ends an operand, so that a `.` behind it reads a part
  let unary = 0;
  const put = (piece: string, at: number): void => {
    for (let i = 0; i < piece.length; i += 1) origins.push(at);
    out += piece;
  };
  const copy = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) origins.push(i);
    out += text.slice(from, to);
  };
  const siteOf = (at: number): Site => ({ text: whole, offset: base + at });

  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (ZERO_WIDTH.test(char)) at += 1;
    else if (/\s/.test(char)) {
      put(char === '\n' ? '\n' : ' ', at);
      at += 1;
    } else if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (char === '"' || char === "'") {
      const end = endOfString(text, at);
      copy(at, end);
      at = end;
      operand = true;
      unary = 0;
    } else if (char === '.' && operand) {
      at = part(at);
      operand = true;
    } else {
      const token = match(NUMBER, text, at) ?? match(IDENTIFIER, text, at) ?? char;
      const sign = char === '!' || char === '-';
      unary = sign ? unary + 1 : 0;
      if (unary > MAX_UNARY) throw new ExpressionInvalid(`More than ${MAX_UNARY} signs stand in a row`, siteOf(at));
      copy(at, at + token.length);
      operand = token !== 'in' && /[\p{L}\p{N}_)\]}]/u.test(char);
      at += token.length;
    }
  }
  return { text: out, siteOf: (offset) => siteOf(origins[offset] ?? text.trimEnd().length) };

  /** Writes the part behind the `.` at `dot` as CEL has it; gives the offset behind it. */
  function part(dot: number): number {
    const start = skipSpace(text, dot + 1);
    const quote = text.charAt(start);
    if (quote === '"' || quote === "'") {
      const end = endOfString(text, start);
      put('[', dot);
      copy(start, end);
      put(']', end - 1);
      return end;
    }
    const digits = match(DIGITS, text, start);
    if (digits !== undefined) {
      put(typeof indexOf(digits) === 'number' ? `[${digits}]` : `['${digits}']`, start);
      return start + digits.length;
    }
    const name = match(IDENTIFIER, text, start);
    if (name !== undefined && (KEYWORDS.has(name) || /[^\x20-\x7e]/.test(name))) {
      put(`['${name}']`, start);
      return start + name.length;
    }
    put('.', dot);
    if (name !== undefined) copy(start, start + name.length);
    return start + (name?.length ?? 0);
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && (/\s/.test(text.charAt(at)) || ZERO_WIDTH.test(text.charAt(at)))) at += 1;
  return at;
}

/** The offset behind the string that starts with the quote at `start`; the end of the text when it is not closed. */
export function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  const close = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  for (let at = start + close.length; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.startsWith(close, at)) return at + close.length;
  }
  return text.length;
}
