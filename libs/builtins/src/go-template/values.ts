import { numberText } from '@flow/expressions';
import { isJsonObject, type Json } from '@flow/kernel';
import type { Value } from './ast';
import { TemplateFault } from './template.errors';

const DEPTH_LIMIT = 200;

/** What a run may still spend. Every loop of an operator over data pays here, so that no template runs away. */
export class Budget {
  constructor(
    private steps: number,
    private characters: number,
  ) {}

  spend(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0) throw new TemplateFault('too_costly', 'The template does too much work.');
  }

  /** Pays for looking at every character of a text. */
  read(characters: number): void {
    this.spend(characters / 100);
  }

  produce(characters: number): void {
    this.characters -= characters;
    if (this.characters < 0) throw new TemplateFault('too_costly', 'The template makes too much text.');
  }
}

/** JSON as values of its own: what a template changes are these, never the data that was handed in. */
export function toValue(json: Json, budget: Budget): Value {
  budget.spend(0.1);
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => toValue(item, budget));
  if (isJsonObject(json)) return new Map(Object.entries(json).map(([key, item]) => [key, toValue(item, budget)]));
  return json as Value;
}

/** As it stands in the text: null is empty, lists and dicts are JSON. */
export function print(value: Value, budget: Budget): string {
  if (value === null) return '';
  if (typeof value === 'number') return numberText(value);
  const text = typeof value === 'object' ? toJson(value, budget) : String(value);
  budget.spend(text.length / 100);
  return text;
}

/** JSON text; dicts may have been put into each other, so depth and size are watched while it is written. */
export function toJson(root: Value, budget: Budget): string {
  const parts: string[] = [];
  const write = (text: string) => {
    budget.produce(text.length);
    parts.push(text);
  };
  const walk = (value: Value, depth: number) => {
    if (depth > DEPTH_LIMIT) throw new TemplateFault('failed', 'A value is nested too deep, or holds itself.');
    budget.spend(0.2);
    if (typeof value === 'string') budget.read(value.length);
    if (Array.isArray(value)) {
      write('[');
      value.forEach((item, i) => {
        if (i > 0) write(',');
        walk(item, depth + 1);
      });
      write(']');
    } else if (value instanceof Map) {
      write('{');
      [...value].forEach(([key, item], i) => {
        write(`${i > 0 ? ',' : ''}${JSON.stringify(key)}:`);
        walk(item, depth + 1);
      });
      write('}');
    } else write(typeof value === 'number' ? numberText(value) : JSON.stringify(value));
  };
  walk(root, 1);
  return parts.join('');
}

/** false, 0, empty texts, lists and dicts, and null do not hold. */
export function holds(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

export function at(value: Value, path: readonly string[]): Value {
  let current = value;
  for (const key of path) current = current instanceof Map ? (current.get(key) ?? null) : null;
  return current;
}

export function sortedKeys(map: ReadonlyMap<string, Value>, budget: Budget): readonly string[] {
  budget.spend(map.size);
  return [...map.keys()].sort();
}

export function equal(a: Value, b: Value, budget: Budget): boolean {
  if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) budget.read(a.length);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return toJson(a, budget) === toJson(b, budget);
}
