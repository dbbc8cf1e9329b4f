import { contentOf, type Json } from '@flow/kernel';
import type { Compilation } from './compilation';
import { ExpressionFailed, ExpressionInvalid, type Site } from './expression.errors';
import type { Run } from './frame';
import { FUNCTIONS } from './functions';
import type { Kind, LanguageFunction } from './language-function';
import type { Ast } from './parser';
import { Pattern } from './pattern';
import { kindOf } from './text';

/** A call of a function of the language; anything else is refused here, before any data is near. */
export function compileCall(compilation: Compilation, name: string, args: readonly Ast[], site: Site): Run {
  const called = FUNCTIONS.get(name);
  if (!called) throw new ExpressionInvalid(`There is no function "${name}"${suggestionFor(name)}`, site);
  checkCount(name, called, args.length, site);
  const pattern = literalPattern(called, args, site);
  const runs = args.map((arg) => compilation.compile(arg));
  const { needs, may = [], rest, onNull = null, handsOn = false } = called;
  const kinds = runs.map((_, i) => needs[i] ?? may[i - needs.length] ?? rest ?? []);
  return (frame) => {
    frame.spend(1 + runs.length);
    const values: Json[] = [];
    for (const [i, run] of runs.entries()) {
      const given = run(frame);
      const value = handsOn ? given : contentOf(given);
      const allowed = kinds[i] ?? [];
      values.push(value);
      if (value === null ? allowed.includes('any') || i >= needs.length : fits(value, allowed)) continue;
      if (value === null) return onNull;
      throw new ExpressionFailed(
        `"${name}" needs ${inWords(allowed)} as argument ${i + 1}, not ${kindOf(value)}`,
        site,
      );
    }
    return called.run(values, { frame, site, pattern });
  };
}

function checkCount(name: string, { needs, may = [], rest }: LanguageFunction, count: number, site: Site): void {
  const most = rest ? Infinity : needs.length + may.length;
  if (count >= needs.length && count <= most) return;
  const wanted =
    most === needs.length ? `${most}` : most === Infinity ? `at least ${needs.length}` : `${needs.length} to ${most}`;
  throw new ExpressionInvalid(
    `"${name}" takes ${wanted} ${wanted === '1' ? 'argument' : 'arguments'}, not ${count}`,
    site,
  );
}

/** A regular expression that is written down is compiled, and refused, together with the expression. */
function literalPattern(called: LanguageFunction, args: readonly Ast[], site: Site): Pattern | undefined {
  const arg = called.patternAt === undefined ? undefined : args[called.patternAt];
  if (arg?.op !== 'value' || typeof arg.args !== 'string') return undefined;
  try {
    return Pattern.of(arg.args);
  } catch (error) {
    if (error instanceof ExpressionInvalid) throw new ExpressionInvalid(error.message, site);
    throw error;
  }
}

function fits(value: Json, kinds: readonly Kind[]): boolean {
  return kinds.some((kind) => {
    switch (kind) {
      case 'any':
        return true;
      case 'text':
        return typeof value === 'string';
      case 'number':
        return typeof value === 'number';
      case 'list':
        return Array.isArray(value);
      case 'object':
        return typeof value === 'object' && !Array.isArray(value);
    }
  });
}

const WORDS: Readonly<Record<Kind, string>> = {
  text: 'a text',
  number: 'a number',
  list: 'a list',
  object: 'an object',
  any: 'anything',
};

function inWords(kinds: readonly Kind[]): string {
  return kinds.map((kind) => WORDS[kind]).join(' or ');
}

/** What other languages call it. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['length', 'size'],
  ['len', 'size'],
  ['count', 'size'],
  ['includes', 'contains'],
  ['toLowerCase', 'lower'],
  ['toUpperCase', 'upper'],
  ['toString', 'string'],
  ['parseInt', 'int'],
  ['parseFloat', 'number'],
  ['some', 'exists'],
  ['every', 'all'],
  ['test', 'matches'],
]);

/** The names that are one or two letters away, or that mean the same. */
function suggestionFor(name: string): string {
  if (name === 'now' || name === 'today')
    return '; there is no clock here, instance.startedAt and task.startedAt are times';
  const known = ELSEWHERE.get(name);
  if (known !== undefined) return `; it is called "${known}" here`;
  const near = [...FUNCTIONS.keys(), 'map', 'filter', 'exists', 'exists_one', 'all', 'has', 'step'].find(
    (known) => known.toLowerCase() === name.toLowerCase() || distance(known, name) <= Math.min(2, known.length / 3),
  );
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? Infinity;
}
