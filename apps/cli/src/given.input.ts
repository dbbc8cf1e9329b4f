import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { UsageWrong } from './command.errors';
import { readGiven, type Cli } from './installation';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Longer than timers can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** `{"a":1}`, or `@file` that holds such a text (`@-`: the input). @throws UsageWrong */
export function jsonObjectGiven(cli: Cli, option: string, given: string): JsonObject {
  const value = jsonGiven(cli, option, given);
  if (isJsonObject(value)) return value;
  throw new UsageWrong(`${option} must be a JSON object, as in '{"name": "value"}'.`);
}

export function jsonGiven(cli: Cli, option: string, given: string): Json {
  const text = given.startsWith('@') ? readGiven(cli, given.slice(1)) : given;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new UsageWrong(`${option} is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** `key=value`. @throws UsageWrong */
export function pairGiven(option: string, given: string): readonly [key: string, value: string] {
  const at = given.indexOf('=');
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  throw new UsageWrong(`${option} wants key=value, not "${given}".`);
}

/** A value as the field takes it; where nobody says what it takes, JSON when it reads as JSON, else the text itself. */
export function valueGiven(text: string, type: string | undefined): Json {
  if (type !== undefined && TEXTS.includes(type)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const TEXTS = ['string', 'long_string', 'radio', 'datetime', 'date'];

/** `1500ms`, `30s`, `5m`, `2h`, `1d`. @throws UsageWrong */
export function durationGiven(option: string, given: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(given) ?? [];
  const ms = Number(digits) * (UNITS_MS[unit] ?? NaN);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new UsageWrong(`${option} wants a time such as 30s, 5m or 2h (at most 24 days), not "${given}".`);
}

/** A whole number from `least` to `most`. @throws UsageWrong */
export function countGiven(option: string, given: string, least: number, most: number): number {
  const count = Number(given);
  if (/^\d+$/.test(given) && count >= least && count <= most) return count;
  throw new UsageWrong(`${option} wants a whole number from ${least} to ${most}, not "${given}".`);
}
