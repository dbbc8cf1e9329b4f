import type { Compiled, Reference, Scope } from './compiled';
import { Compiler } from './compiler';
import { ExpressionInvalid } from './expression.errors';
import { MAX_EXPRESSION_LENGTH } from './limits';
import { parseCel } from './parser';
import { parsePath, pathReader } from './path';
import { Program } from './program';
import { toSource, ZERO_WIDTH } from './source';

/**
 * Compiles a whole expression, with or without `{{ }}` around it: for `when`, `while` and a branch's `expression`.
 * Throws ExpressionInvalid.
 */
export function compileExpression(text: string): Compiled {
  const inner = /^(\s*\{\{)(?!\{)([\s\S]*)\}\}\s*$/.exec(text);
  if (!inner) return compilePiece(text, text, 0);
  const [, open = '', piece = ''] = inner;
  return compilePiece(piece, text, open.length);
}

/** Compiles the expression that starts at `base` of the text `whole`. */
export function compilePiece(piece: string, whole: string, base: number): Program {
  if (piece.length > MAX_EXPRESSION_LENGTH)
    throw new ExpressionInvalid(`An expression may have ${MAX_EXPRESSION_LENGTH} characters, not ${piece.length}`, {
      text: whole,
      offset: base,
    });
  const path = parsePath(withoutZeroWidth(piece).trim());
  if (path) return pathProgram(path);
  const source = toSource(piece, whole, base);
  if (source.text.trim() === '') throw new ExpressionInvalid('The expression is empty', { text: whole, offset: base });
  const compiler = new Compiler(source);
  const run = compiler.compile(parseCel(source));
  const references = [...compiler.references.values()];
  return new Program(references, 'computed', run);
}

function pathProgram(path: Reference): Program {
  const read = pathReader(path);
  return new Program(
    [path],
    'read',
    (frame) => read(frame.scope),
    (scope: Scope) => read(scope),
    path,
  );
}

function withoutZeroWidth(text: string): string {
  return ZERO_WIDTH.test(text) ? text.replaceAll(new RegExp(ZERO_WIDTH, 'g'), '') : text;
}
