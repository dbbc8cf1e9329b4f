import { contentOf, contentsOf, LargeValue, type Json } from '@flow/kernel';
import type { Frame } from './frame';

/** A number as text, without an exponent however large or small: the shortest digits that read back as the same number. */
export function numberText(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', head = '', fraction = '', exponent = '0'] = match;
  const digits = head + fraction;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}

/** A value as it reads within a text: null is empty, lists and objects are JSON. Pays for what it makes. */
export function textOf(given: Json, frame: Frame): string {
  const value = contentOf(given);
  switch (typeof value) {
    case 'string':
      frame.produce(value.length);
      return value;
    case 'number':
      frame.produce(24);
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return value === null ? '' : jsonText(value, frame);
  }
}

export function jsonText(given: Json, frame: Frame): string {
  // Measured first: parts that are shared many times are refused before anybody walks through them.
  const size = frame.measure(given);
  const value = contentsOf(given);
  frame.produce(value === given ? size : frame.measure(value));
  return JSON.stringify(value);
}

const SURROGATE = /[\uD800-\uDFFF]/;

/** The characters of a text as people count them: a pair of surrogates is one. */
export function charactersOf(text: string, frame: Frame): string | readonly string[] {
  frame.produce(text.length);
  if (!SURROGATE.test(text)) return text;
  frame.spend(text.length / 4);
  return Array.from(text);
}

/** What kind of JSON a value is, for messages. */
export function kindOf(
  value: Json,
): 'null' | 'a boolean' | 'a number' | 'a text' | 'a list' | 'an object' | 'a large value' {
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'a boolean';
    default:
      if (value instanceof LargeValue) return 'a large value';
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
  }
}
