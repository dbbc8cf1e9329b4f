import { FORBIDDEN_KEYS, LargeValue, type Json, type JsonObject } from '@flow/kernel';
import type { Reference, Scope } from './compiled';

const NAME = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
const WORD = String.raw`[\p{L}\p{N}_]+`;
// Step ids may hold hyphens and single spaces; ` - `, ` in ` and a second `__` belong to the expression language.
const STEP = String.raw`__${WORD}(?:(?:-+| (?!in\b|__))${WORD})*`;
const PATH = new RegExp(String.raw`^(?:${STEP}|${NAME})(?=\.|$)`, 'u');
const SEGMENT = new RegExp(String.raw`\.(?:(${NAME})|(\d+)|'([^'\\]*)'|"([^"\\]*)")`, 'uy');
const { hasOwn } = Object;
const LITERALS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);

/** The text as a path, or undefined when it is none: a name, then `.identifier`, `.0` or `.'any text'` in any number. */
export function parsePath(text: string): Reference | undefined {
  const name = PATH.exec(text)?.[0];
  if (name === undefined || LITERALS.has(name)) return undefined;
  const path: (string | number)[] = [];
  for (let at = name.length; at < text.length; at = SEGMENT.lastIndex) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(text);
    if (!match) return undefined;
    const [, identifier, digits, single, double] = match;
    path.push(digits !== undefined ? indexOf(digits) : (identifier ?? single ?? double ?? ''));
  }
  return { name, path };
}

/** An index when the digits are one (`0`, `17`), else the text as a key (`007`). */
export function indexOf(digits: string): string | number {
  const index = Number(digits);
  return Number.isSafeInteger(index) && String(index) === digits ? index : digits;
}

/** Reads a name from the scope; names of JavaScript's machinery never reach it. */
export function readName(scope: Scope, name: string): Json {
  return FORBIDDEN_KEYS.has(name) ? null : (scope.get(name) ?? null);
}

/** One part of a value: own keys of objects, integers in lists, null for everything else. */
export function readPart(value: Json, key: Json): Json {
  if (typeof value !== 'object' || value === null) return null;
  if (value instanceof LargeValue) return value.part(key) ?? null;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return typeof key === 'number' && Number.isInteger(key) && key >= 0 ? (items[key] ?? null) : null;
  }
  if (typeof key !== 'string' && typeof key !== 'number') return null;
  return hasOwn(value, key) ? ((value as JsonObject)[key] ?? null) : null;
}

/** Whether that part is there, even as null. */
export function hasPart(value: Json, key: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof LargeValue) return value.part(key) !== undefined;
  if (Array.isArray(value)) return typeof key === 'number' && Number.isInteger(key) && key >= 0 && key < value.length;
  return (typeof key === 'string' || typeof key === 'number') && hasOwn(value, key);
}

/** A function that reads the path: what templates do most, so without any bookkeeping. */
export function pathReader({ name, path }: Reference): (scope: Scope) => Json {
  const [first, second] = path;
  if (first === undefined) return (scope) => readName(scope, name);
  if (second === undefined) return (scope) => readPart(readName(scope, name), first);
  return (scope) => {
    let value = readName(scope, name);
    for (const key of path) value = readPart(value, key);
    return value;
  };
}
