import { ExpressionInvalid, Pattern, numberOf, timeOf } from '@flow/expressions';
import { findText, isJsonObject, type Json } from '@flow/kernel';

/** Whether a stands to b as the operator says. A pure function of the data; only `string-match` can throw (see there). */
export type Compare = (a: Json, b: Json) => boolean;

/**
 * The comparisons that a branch's conditions name. A side that is not of the operator's kind makes the comparison false, the negative ones
 * (`-neq`, `-not-contains`, `-not-empty`) too: nothing is known about it.
 *
 * - **string**: texts only; `-empty` and `-not-empty` look at a alone.
 * - **number**: numbers, and texts that hold one (`"10"` is more than `"9"`); no other kind counts as zero.
 * - **date**: RFC 3339 times, bare dates (midnight UTC), and numbers or texts of digits. All are compared in milliseconds since 1970; a
 *   number is taken as seconds below 1e11, as microseconds from 1e14 on, as milliseconds between (so for the years 1973 to 5138).
 * - **approval**: the decision of an approval: a text, or the `result` of an approval's output.
 */
export const COMPARISONS: ReadonlyMap<string, Compare> = new Map([
  ['@internal/cmp/string-eq', onTexts((a, b) => a === b)],
  ['@internal/cmp/string-neq', onTexts((a, b) => a !== b)],
  ['@internal/cmp/string-contains', onTexts((a, b) => findText(a, b) >= 0)],
  ['@internal/cmp/string-not-contains', onTexts((a, b) => findText(a, b) < 0)],
  ['@internal/cmp/string-start-with', onTexts((a, b) => a.startsWith(b))],
  ['@internal/cmp/string-end-with', onTexts((a, b) => a.endsWith(b))],
  ['@internal/cmp/string-empty', (a: Json) => a === ''],
  ['@internal/cmp/string-not-empty', (a: Json) => typeof a === 'string' && a !== ''],
  ['@internal/cmp/string-match', onTexts(matchesPattern)],
  ['@internal/cmp/number-eq', onNumbers((a, b) => a === b)],
  ['@internal/cmp/number-neq', onNumbers((a, b) => a !== b)],
  ['@internal/cmp/number-gt', onNumbers((a, b) => a > b)],
  ['@internal/cmp/number-gte', onNumbers((a, b) => a >= b)],
  ['@internal/cmp/number-lt', onNumbers((a, b) => a < b)],
  ['@internal/cmp/number-lte', onNumbers((a, b) => a <= b)],
  ['@internal/cmp/date-eq', onDates((a, b) => a === b)],
  ['@internal/cmp/date-neq', onDates((a, b) => a !== b)],
  ['@internal/cmp/date-earlier-than', onDates((a, b) => a < b)],
  ['@internal/cmp/date-later-than', onDates((a, b) => a > b)],
  ['@workflow/cmp/approval-eq', onDecisions((a, b) => a === b)],
  ['@workflow/cmp/approval-neq', onDecisions((a, b) => a !== b)],
]);

const SECONDS_BELOW = 1e11;
const MICROSECONDS_FROM = 1e14;

function onKind<T>(read: (side: Json) => T | undefined, compare: (a: T, b: T) => boolean): Compare {
  return (left, right) => {
    const a = read(left);
    const b = read(right);
    return a !== undefined && b !== undefined && compare(a, b);
  };
}

function onTexts(compare: (a: string, b: string) => boolean): Compare {
  return onKind(textSide, compare);
}

function onNumbers(compare: (a: number, b: number) => boolean): Compare {
  return onKind(numberSide, compare);
}

function onDates(compare: (a: number, b: number) => boolean): Compare {
  return onKind(dateSide, compare);
}

function onDecisions(compare: (a: string, b: string) => boolean): Compare {
  return onKind(decisionSide, compare);
}

function textSide(side: Json): string | undefined {
  return typeof side === 'string' ? side : undefined;
}

function numberSide(side: Json): number | undefined {
  return typeof side === 'number' ? side : typeof side === 'string' ? numberOf(side) : undefined;
}

/** Milliseconds since 1970. */
function dateSide(side: Json): number | undefined {
  const time = typeof side === 'string' ? timeOf(side.trim()) : undefined;
  const number = time ?? numberSide(side);
  if (number === undefined || time !== undefined) return time;
  const size = Math.abs(number);
  return size < SECONDS_BELOW ? number * 1000 : size < MICROSECONDS_FROM ? number : number / 1000;
}

function decisionSide(side: Json): string | undefined {
  return textSide(isJsonObject(side) && Object.hasOwn(side, 'result') ? (side.result ?? null) : side);
}

/** RE2, anywhere in the text unless anchored; a pattern that is none matches nothing. Throws ExpressionTooCostly for huge texts. */
function matchesPattern(text: string, pattern: string): boolean {
  try {
    return Pattern.of(pattern).test(text);
  } catch (error) {
    if (error instanceof ExpressionInvalid) return false;
    throw error;
  }
}
