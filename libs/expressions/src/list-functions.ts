import { FORBIDDEN_KEYS, canonicalJson, contentOf, contentsOf, type Json, type JsonObject } from '@flow/kernel';
import { ExpressionFailed, ExpressionTooCostly, type Site } from './expression.errors';
import type { Frame } from './frame';
import type { LanguageFunction } from './language-function';
import { MAX_DATA_DEPTH } from './limits';
import { ordered } from './operations';
import { charactersOf, jsonText, kindOf, textOf } from './text';
import { wholeNumber } from './text-functions';

const LIST = ['list'] as const;
const OBJECT = ['object'] as const;
const NUMBER = ['number'] as const;
const TEXT = ['text'] as const;
const ANY = ['any'] as const;

export const LIST_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  size: {
    needs: [['text', 'list', 'object']],
    onNull: 0,
    run: ([value], { frame }) => {
      if (typeof value === 'string') return charactersOf(value, frame).length;
      if (Array.isArray(value)) return value.length;
      return keysOf(value as JsonObject, frame).length;
    },
  },
  join: {
    needs: [LIST],
    may: [TEXT],
    run: ([list, separator], { frame }) => {
      const between = typeof separator === 'string' ? separator : '';
      return (list as readonly Json[])
        .map((item) => {
          frame.spend(1);
          frame.produce(between.length);
          return textOf(item, frame);
        })
        .join(between);
    },
  },
  slice: {
    needs: [LIST, NUMBER],
    may: [NUMBER],
    run: ([list, from, to], { frame, site }) => {
      const items = list as readonly Json[];
      const start = wholeNumber(from as number, 'slice', site);
      const piece = items.slice(start, typeof to === 'number' ? wholeNumber(to, 'slice', site) : items.length);
      frame.spend(piece.length);
      return piece;
    },
  },
  reverse: {
    needs: [LIST],
    run: ([list], { frame }) => {
      frame.spend((list as readonly Json[]).length);
      return (list as readonly Json[]).toReversed();
    },
  },
  sort: {
    needs: [LIST],
    run: ([list], { frame, site }) => {
      const items = list as readonly Json[];
      frame.spend(items.length);
      return items.toSorted((a, b) => {
        frame.spend(1);
        if (a === null || b === null) return Number(a === null) - Number(b === null);
        return ordered('<', a, b, frame, site) ? -1 : ordered('>', a, b, frame, site) ? 1 : 0;
      });
    },
  },
  distinct: {
    needs: [LIST],
    run: ([list], { frame }) => {
      const seen = new Map<string, Json>();
      for (const item of list as readonly Json[]) {
        frame.spend(2);
        const size = frame.measure(item);
        const content = contentsOf(item);
        frame.produce(content === item ? size : frame.measure(content));
        const key = canonicalJson(content);
        if (!seen.has(key)) seen.set(key, item);
      }
      return [...seen.values()];
    },
  },
  flatten: {
    needs: [LIST],
    run: ([list], { frame }) => {
      const flat: Json[] = [];
      for (const item of list as readonly Json[]) {
        const content = contentOf(item);
        const items: readonly Json[] = Array.isArray(content) ? content : [item];
        frame.spend(1 + items.length);
        for (const inner of items) flat.push(inner);
      }
      return flat;
    },
  },
  range: {
    needs: [NUMBER],
    run: ([count], { frame, site }) => {
      const length = Math.max(0, wholeNumber(count as number, 'range', site));
      frame.spend(length);
      return Array.from({ length }, (_, i) => i);
    },
  },
  keys: { needs: [OBJECT], run: ([object], { frame }) => keysOf(object as JsonObject, frame) },
  values: {
    needs: [OBJECT],
    run: ([object], { frame }) => keysOf(object as JsonObject, frame).map((key) => (object as JsonObject)[key] ?? null),
  },
  merge: {
    needs: [OBJECT],
    rest: OBJECT,
    run: (objects, { frame, site }) => {
      const merged: Record<string, Json> = {};
      for (const object of objects as readonly JsonObject[])
        for (const key of keysOf(object, frame)) {
          frame.spend(3);
          merged[safeKey(key, site)] = object[key] ?? null;
        }
      return merged;
    },
  },
  coalesce: { needs: [], rest: ANY, handsOn: true, run: (values) => values.find((value) => value !== null) ?? null },
  type: {
    needs: [ANY],
    run: ([value = null]) => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value),
  },
  toJson: { needs: [ANY], run: ([value = null], { frame }) => jsonText(value, frame) },
  parseJson: {
    needs: [TEXT],
    run: ([text], { frame, site }) => {
      frame.spend((text as string).length / 4);
      let value: Json;
      try {
        value = JSON.parse(text as string) as Json;
      } catch {
        throw new ExpressionFailed('"parseJson" was given a text that is not JSON', site);
      }
      refuseUnsafe(value, frame, site, 0);
      return value;
    },
  },
};

export function keysOf(object: JsonObject, frame: Frame): readonly string[] {
  const keys = Object.keys(object);
  frame.spend(keys.length);
  return keys;
}

/** A key that may stand in an object that we build. */
export function safeKey(key: Json, site: Site): string {
  if (typeof key !== 'string') throw new ExpressionFailed(`A key must be a text, not ${kindOf(key)}`, site);
  if (FORBIDDEN_KEYS.has(key)) throw new ExpressionFailed(`The key "${key}" is not allowed`, site);
  return key;
}

function refuseUnsafe(value: Json, frame: Frame, site: Site, depth: number): void {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new ExpressionFailed('"parseJson" was given a number that is too large', site);
    return;
  }
  if (depth >= MAX_DATA_DEPTH) throw new ExpressionTooCostly(`its data nests deeper than ${MAX_DATA_DEPTH} levels`);
  frame.spend(1);
  if (!Array.isArray(value)) for (const key of Object.keys(value)) safeKey(key, site);
  for (const item of Object.values(value) as readonly Json[]) refuseUnsafe(item, frame, site, depth + 1);
}
