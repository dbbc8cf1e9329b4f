import { contentOf, findText, LargeValue, type Json, type JsonObject, needsCare } from '@flow/kernel';
import { ExpressionFailed, ExpressionTooCostly, type Site } from './expression.errors';
import type { Frame } from './frame';
import { MAX_DATA_DEPTH } from './limits';
import { hasPart } from './path';
import { kindOf, textOf } from './text';

export type Arithmetic = '-' | '*' | '/' | '%';
export type Ordering = '<' | '<=' | '>' | '>=';

/** Numbers add, lists and texts join; what is joined to a text is written as in a template. Null and a number give null. */
export function add(a: Json, b: Json, frame: Frame, site: Site): Json {
  if (typeof a === 'number' && typeof b === 'number') return finite(a + b, '+', site);
  if (typeof a === 'string' || typeof b === 'string') return textOf(a, frame) + textOf(b, frame);
  if (Array.isArray(a) && Array.isArray(b)) {
    const joined: readonly Json[] = a.concat(b);
    frame.spend(joined.length);
    return joined;
  }
  if (a === null || b === null) return null;
  throw new ExpressionFailed(`"+" cannot join ${kindOf(a)} and ${kindOf(b)}`, site);
}

/** Arithmetic on doubles. Null on either side gives null; a division by zero, or a result past the largest double, fails. */
export function calculate(operator: Arithmetic, a: Json, b: Json, site: Site): Json {
  if (a === null || b === null) return null;
  if (typeof a !== 'number' || typeof b !== 'number')
    throw new ExpressionFailed(`"${operator}" needs numbers, not ${kindOf(typeof a === 'number' ? b : a)}`, site);
  switch (operator) {
    case '-':
      return finite(a - b, operator, site);
    case '*':
      return finite(a * b, operator, site);
    case '/':
    case '%':
      if (b === 0) throw new ExpressionFailed('Division by zero', site);
      return finite(operator === '/' ? a / b : a % b, operator, site);
  }
}

/** Every number that leaves is one that JSON has: finite, and zero without a sign. */
export function finite(value: number, operation: string, site: Site): number {
  if (!Number.isFinite(value))
    throw new ExpressionFailed(`"${operation}" gives no number that can be written down`, site);
  return value === 0 ? 0 : value;
}

/** Numbers by value, texts by their UTF-16 units, false before true. Null on either side is false. */
export function ordered(operator: Ordering, left: Json, right: Json, frame: Frame, site: Site): boolean {
  const [a, b] = [contentOf(left), contentOf(right)];
  if (a === null || b === null) return false;
  if (typeof a !== typeof b || typeof a === 'object')
    throw new ExpressionFailed(`"${operator}" cannot order ${kindOf(a)} and ${kindOf(b)}`, site);
  if (typeof a === 'string' && typeof b === 'string') frame.produce(Math.min(a.length, b.length));
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** Deep equality of data; kinds that differ are unequal. */
export function equal(a: Json, b: Json, frame: Frame, depth = 0): boolean {
  frame.spend(1);
  if (a instanceof LargeValue || b instanceof LargeValue) {
    const [one, other] = a instanceof LargeValue ? [a, b] : [b, a];
    // What is large is a text, a list or an object: looked into only when the other one may be the same.
    const isOther = other === null || typeof other === 'number' || typeof other === 'boolean';
    return !isOther && equal(contentOf(one), contentOf(other), frame, depth);
  }
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length === b.length) frame.produce(a.length);
    return a === b;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (depth >= MAX_DATA_DEPTH) throw new ExpressionTooCostly(`its data nests deeper than ${MAX_DATA_DEPTH} levels`);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    const others: readonly Json[] = b;
    return a.every((item: Json, i) => equal(item, others[i] ?? null, frame, depth + 1));
  }
  const keys = Object.keys(a);
  frame.spend(keys.length);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) && equal((a as JsonObject)[key] ?? null, (b as JsonObject)[key] ?? null, frame, depth + 1),
  );
}

/** Element of a list, key of an object, piece of a text; nothing is in null. */
export function isIn(wanted: Json, place: Json, frame: Frame, site: Site): boolean {
  const [item, container] = [contentOf(wanted), contentOf(place)];
  if (container === null) return false;
  if (typeof container === 'string') {
    if (item === null) return false;
    if (typeof item !== 'string')
      throw new ExpressionFailed(`"in" looks for texts in a text, not for ${kindOf(item)}`, site);
    return includes(container, item, frame);
  }
  if (Array.isArray(container)) {
    const items: readonly Json[] = container;
    return items.some((other) => equal(item, other, frame));
  }
  if (typeof container === 'object') return typeof item === 'string' && hasPart(container, item);
  throw new ExpressionFailed(`"in" cannot look into ${kindOf(container)}`, site);
}

function includes(text: string, piece: string, frame: Frame): boolean {
  paySearch(text, piece, frame);
  return findText(text, piece) >= 0;
}

export function paySearch(text: string, piece: string, frame: Frame): void {
  if (needsCare(text, piece)) frame.spend(text.length / 4);
  else frame.produce(text.length);
}

/** What conditions, `!`, `&&`, `||` and predicates take: a boolean, or null for false. */
export function truth(value: Json, what: string, site: Site): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null) return false;
  throw new ExpressionFailed(`${what} needs true or false, not ${kindOf(value)}`, site);
}
