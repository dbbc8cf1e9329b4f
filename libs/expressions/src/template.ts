import type { Json } from '@flow/kernel';
import type { CompiledTemplate, TemplatePart } from './compiled';
import { ExpressionInvalid } from './expression.errors';
import { compilePiece } from './expression';
import type { Frame } from './frame';
import { MAX_TEMPLATE_LENGTH } from './limits';
import { fixed, Program, referencesOf } from './program';
import { endOfString } from './source';
import { textOf } from './text';

type Part =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'expression'; readonly expression: Program };

/** A compiled text. */
export class Template extends Program implements CompiledTemplate {
  constructor(
    readonly parts: readonly TemplatePart[],
    readonly single: boolean,
    program: Program,
  ) {
    super(program.references, program.origin, program.run, program.reader);
  }
}

/**
 * Compiles a text with `{{ }}`. A text that is exactly one expression keeps its native type; of any other the parts are joined as text.
 * `{{{ }}}` stands for literal braces, an unterminated `{{` for itself. Throws ExpressionInvalid.
 */
export function compileTemplate(text: string): CompiledTemplate {
  return templateOf(text);
}

export function templateOf(text: string): Template {
  if (!text.includes('{{')) return new Template(text === '' ? [] : [{ kind: 'text', text }], false, fixed(text));
  if (text.length > MAX_TEMPLATE_LENGTH)
    throw new ExpressionInvalid(
      `A text with expressions may have ${MAX_TEMPLATE_LENGTH} characters, not ${text.length}`,
    );
  const parts = partsOf(text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'expression') return new Template(parts, true, only.expression);
  const expressions = parts.flatMap((part) => (part.kind === 'expression' ? [part.expression] : []));
  if (expressions.length === 0) return new Template(parts, false, fixed(only?.kind === 'text' ? only.text : ''));
  const join = (frame: Frame): Json => joinParts(parts, frame);
  const references = referencesOf(expressions);
  return new Template(parts, false, new Program(references, 'computed', join));
}

function joinParts(parts: readonly Part[], frame: Frame): string {
  let joined = '';
  for (const part of parts) joined += part.kind === 'text' ? part.text : textOf(part.expression.run(frame), frame);
  return joined;
}

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let literal = '';
  let at = 0;
  // Looked for once: a text of many open braces would be searched to its end at each of them.
  const lastClose = text.lastIndexOf('}}}');
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    if (open < 0) break;
    literal += text.slice(at, open);
    const close = open + 3 <= lastClose && text.startsWith('{{{', open) ? text.indexOf('}}}', open + 3) : -1;
    if (close >= 0) {
      literal += `{{${text.slice(open + 3, close)}}}`;
      at = close + 3;
      continue;
    }
    if (text.startsWith('{{{', open)) {
      literal += '{';
      at = open + 1;
      continue;
    }
    const end = endOfExpression(text, open + 2);
    if (end < 0) {
      at = open;
      break;
    }
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
    parts.push({ kind: 'expression', expression: compilePiece(text.slice(open + 2, end), text, open + 2) });
    at = end + 2;
  }
  literal += text.slice(at);
  if (literal !== '') parts.push({ kind: 'text', text: literal });
  return parts;
}

/** Where the `}}` stands that closes the expression: not one within quotes or within braces of its own; -1 when there is none. */
function endOfExpression(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") at = endOfString(text, at) - 1;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      if (depth > 0) depth -= 1;
      else if (text.charAt(at + 1) === '}') return at;
    }
  }
  // Quotes or braces that nobody closes: the expression is at fault, and saying so needs an end.
  return text.indexOf('}}', start);
}
