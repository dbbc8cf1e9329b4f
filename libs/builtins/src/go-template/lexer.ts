import { TemplateFault } from './template.errors';

export type Token =
  | { readonly kind: 'text' | 'name' | 'field' | 'variable' | 'string'; readonly value: string; readonly line: number }
  | { readonly kind: 'number'; readonly value: number; readonly line: number }
  /** `glued` tells `$x.name` and `(f).name` from an argument of its own. */
  | { readonly kind: 'mark'; readonly value: string; readonly line: number };
export type Lexeme = Token & { readonly glued: boolean };

const PIECES: readonly (readonly [RegExp, Token['kind'] | 'space'])[] = [
  [/\s+/y, 'space'],
  [/"(?:[^"\\\n]|\\.)*"/y, 'string'],
  [/`[^`]*`/y, 'string'],
  [/[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y, 'number'],
  [/\.[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y, 'field'],
  [/\$[\w\u0080-\uffff]*/y, 'variable'],
  [/[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y, 'name'],
  [/:=|[=|(),.]/y, 'mark'],
];

/** A template as text pieces and, between `{` and `}` marks, what stands in its actions. Trim markers and comments are dealt with. */
export function lex(template: string): readonly Lexeme[] {
  const tokens: Lexeme[] = [];
  let at = 0;
  let line = 1;
  let trimNext = false;
  const lines = (text: string) => text.split('\n').length - 1;
  for (;;) {
    const open = template.indexOf('{{', at);
    let text = template.slice(at, open < 0 ? undefined : open);
    const textLine = line;
    line += lines(text);
    if (trimNext) text = text.trimStart();
    const trimsBefore = open >= 0 && /^\{\{-\s/.test(template.slice(open, open + 4));
    if (trimsBefore) text = text.trimEnd();
    if (text !== '') tokens.push({ kind: 'text', value: text, line: textLine, glued: false });
    if (open < 0) return tokens;
    const start = open + (trimsBefore ? 3 : 2);
    const action = lexAction(template, start, line);
    line += lines(template.slice(open, action.end));
    trimNext = action.trims;
    at = action.end;
    if (action.tokens.length > 0) tokens.push(mark('{', line), ...action.tokens, mark('}', line));
  }
}

function mark(value: string, line: number): Lexeme {
  return { kind: 'mark', value, line, glued: false };
}

function lexAction(template: string, start: number, line: number): { tokens: Lexeme[]; end: number; trims: boolean } {
  const comment = /\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/y;
  comment.lastIndex = start;
  const commented = comment.exec(template);
  if (commented) return { tokens: [], end: comment.lastIndex, trims: commented[1] === '-' };
  const tokens: Lexeme[] = [];
  let at = start;
  let glued = false;
  for (;;) {
    if (template.startsWith('}}', at)) {
      if (tokens.length === 0) throw new TemplateFault('invalid', 'There is nothing between {{ and }}.', line);
      return { tokens, end: at + 2, trims: false };
    }
    if (template.startsWith('-}}', at) && /\s/.test(template.charAt(at - 1)))
      return { tokens, end: at + 3, trims: true };
    const [text, kind] = piece(template, at, line);
    at += text.length;
    if (kind !== 'space') tokens.push(token(text, kind, line, glued));
    glued = kind !== 'space';
    line += text.split('\n').length - 1;
  }
}

function piece(template: string, at: number, line: number): [string, Token['kind'] | 'space'] {
  for (const [pattern, kind] of PIECES) {
    pattern.lastIndex = at;
    const match = pattern.exec(template);
    if (match) return [match[0], kind];
  }
  if (at >= template.length) throw new TemplateFault('invalid', 'A {{ is never closed.', line);
  throw new TemplateFault('invalid', `"${template.slice(at, at + 10)}" cannot stand between {{ and }}.`, line);
}

function token(text: string, kind: Token['kind'], line: number, glued: boolean): Lexeme {
  if (kind === 'number') return { kind, value: Number(text), line, glued };
  if (kind === 'field') return { kind, value: text.slice(1), line, glued };
  if (kind === 'string') return { kind, value: unquoted(text, line), line, glued };
  return { kind, value: text, line, glued };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  "'": "'",
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function unquoted(text: string, line: number): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replaceAll(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])/g, (_whole, escape: string) => {
    const plain = ESCAPES[escape];
    if (plain !== undefined) return plain;
    if (escape.length > 1) return String.fromCharCode(parseInt(escape.slice(1), 16));
    throw new TemplateFault('invalid', `"\\${escape}" is no escape.`, line);
  });
}
