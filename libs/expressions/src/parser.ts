import { Environment, ParseError, type parse } from '@marcbachmann/cel-js';
import { ExpressionInvalid } from './expression.errors';
import { MAX_EXPRESSION_DEPTH, MAX_NODES } from './limits';
import type { Source } from './source';

export type Ast = ReturnType<typeof parse>['ast'];

/** Only the parser of the library is used: its evaluator keeps integers apart from doubles, which JSON does not. */
const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_EXPRESSION_DEPTH },
});

/** Throws ExpressionInvalid, and nothing else, for whatever text. */
export function parseCel(source: Source): Ast {
  try {
    return environment.parse(source.text).ast;
  } catch (error) {
    if (error instanceof ParseError) {
      throw new ExpressionInvalid(inWords(error.summary), source.siteOf(error.range?.start ?? 0));
    }
    throw new ExpressionInvalid('The expression nests too deep', source.siteOf(0));
  }
}

const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'the end of the expression',
  NUMBER: 'a number',
  STRING: 'a text',
  BYTES: 'bytes',
  BOOLEAN: 'true or false',
  NULL: 'null',
  IDENTIFIER: 'a name',
  PLUS: '"+"',
  MINUS: '"-"',
  MULTIPLY: '"*"',
  DIVIDE: '"/"',
  MODULO: '"%"',
  EQ: '"=="',
  NE: '"!="',
  LT: '"<"',
  LE: '"<="',
  GT: '">"',
  GE: '">="',
  AND: '"&&"',
  OR: '"||"',
  NOT: '"!"',
  IN: '"in"',
  LPAREN: '"("',
  RPAREN: '")"',
  LBRACKET: '"["',
  RBRACKET: '"]"',
  LBRACE: '"{"',
  RBRACE: '"}"',
  DOT: '"."',
  COMMA: '","',
  COLON: '":"',
  QUESTION: '"?"',
};

/** The parser's message with its token names spelled out, and advice for what people mistype most. */
function inWords(summary: string): string {
  if (/^Unexpected character: '?='?$/.test(summary)) return 'A single "=" means nothing here; to compare, write "=="';
  if (/^Unexpected character: '?[&|]'?$/.test(summary)) return 'Write "&&" for and, "||" for or';
  return summary
    .replace(/^Unexpected token: (\w+)$/, 'A value is missing before $1')
    .replaceAll(/\b[A-Z]{2,}\b/g, (token) => TOKENS[token] ?? token);
}
