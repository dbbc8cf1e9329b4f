import type { Json } from '@flow/kernel';
import { ExpressionFailed } from './expression.errors';
import type { Call, LanguageFunction } from './language-function';
import { finite } from './operations';
import { kindOf, textOf } from './text';
import { wholeNumber } from './text-functions';

const NUMBER = ['number'] as const;
const ANY = ['any'] as const;
/** A number as people and JSON write it; parts of it, other bases and words such as Infinity are none. */
const NUMBER_TEXT = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** The number that a text holds, or undefined. */
export function numberOf(text: string): number | undefined {
  if (text.length > 400 || !NUMBER_TEXT.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const number: LanguageFunction = { needs: [ANY], run: ([value = null], call) => toNumber(value, 'number', call) };

export const NUMBER_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  abs: { needs: [NUMBER], run: ([x]) => Math.abs(x as number) },
  floor: { needs: [NUMBER], run: ([x], { site }) => finite(Math.floor(x as number), 'floor', site) },
  ceil: { needs: [NUMBER], run: ([x], { site }) => finite(Math.ceil(x as number), 'ceil', site) },
  round: {
    needs: [NUMBER],
    may: [NUMBER],
    run: ([x, digits], { site }) => round(x as number, typeof digits === 'number' ? digits : 0, site),
  },
  min: { needs: [['number', 'list']], rest: NUMBER, run: (args, call) => extreme(args, 'min', call) },
  max: { needs: [['number', 'list']], rest: NUMBER, run: (args, call) => extreme(args, 'max', call) },
  sum: {
    needs: [['list']],
    run: ([list], { frame, site }) => {
      let sum = 0;
      for (const item of numbersOf(list as readonly Json[], 'sum', { frame, site })) sum += item;
      return finite(sum, 'sum', site);
    },
  },
  number,
  double: number,
  int: {
    needs: [ANY],
    run: ([value = null], call) => {
      const converted = toNumber(value, 'int', call);
      return converted === null ? null : finite(Math.trunc(converted), 'int', call.site);
    },
  },
  bool: {
    needs: [ANY],
    run: ([value = null], { site }) => {
      if (typeof value === 'boolean' || value === null) return value;
      if (value === 'true' || value === 1) return true;
      if (value === 'false' || value === 0) return false;
      throw new ExpressionFailed(`"bool" reads true, false, "true", "false", 1 and 0, not such ${kindOf(value)}`, site);
    },
  },
  string: { needs: [ANY], run: ([value = null], { frame }) => textOf(value, frame) },
};

function toNumber(value: Json, name: string, { site }: Pick<Call, 'site'>): number | null {
  if (typeof value === 'number' || value === null) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const converted = typeof value === 'string' ? numberOf(value) : undefined;
  if (converted === undefined)
    throw new ExpressionFailed(`"${name}" cannot read a number from such ${kindOf(value)}`, site);
  return finite(converted, name, site);
}

/** Half away from zero, by the decimal digits that people see: round(1.005, 2) is 1.01. */
function round(value: number, digits: number, site: Call['site']): number {
  if (wholeNumber(digits, 'round', site) < 0 || digits > 15)
    throw new ExpressionFailed('"round" keeps 0 to 15 digits', site);
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + digits}`));
  const rounded = Number.isFinite(shifted) ? Number(`${shifted}e-${digits}`) : Math.abs(value);
  return finite(Number.isNaN(rounded) ? value : Math.sign(value) * rounded, 'round', site);
}

function extreme(args: readonly Json[], name: 'min' | 'max', call: Call): Json {
  const [first] = args;
  const list = Array.isArray(first) ? (first as readonly Json[]) : args;
  if (Array.isArray(first) && args.length > 1)
    throw new ExpressionFailed(`"${name}" takes one list or several numbers`, call.site);
  let best: number | null = null;
  for (const item of numbersOf(list, name, call))
    if (best === null || (name === 'min' ? item < best : item > best)) best = item;
  return best;
}

/** The numbers of a list; nulls are passed over. */
function* numbersOf(
  list: readonly Json[],
  name: string,
  { frame, site }: Pick<Call, 'frame' | 'site'>,
): Generator<number> {
  frame.spend(list.length);
  for (const item of list) {
    if (item === null) continue;
    if (typeof item !== 'number') throw new ExpressionFailed(`"${name}" needs numbers, not ${kindOf(item)}`, site);
    yield item;
  }
}
