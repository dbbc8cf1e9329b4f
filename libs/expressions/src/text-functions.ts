import { findText } from '@flow/kernel';
import { ExpressionFailed, ExpressionInvalid } from './expression.errors';
import type { Call, LanguageFunction } from './language-function';
import { isIn, paySearch } from './operations';
import { Pattern } from './pattern';
import { charactersOf } from './text';

const TEXT = ['text'] as const;
const NUMBER = ['number'] as const;
/** A pattern from data is compiled during the evaluation: what a character of it costs. */
const PATTERN_COST = 1_000;

const lower: LanguageFunction = {
  needs: [TEXT],
  run: ([text], { frame }) => {
    frame.produce((text as string).length);
    return (text as string).toLowerCase();
  },
};
const upper: LanguageFunction = {
  needs: [TEXT],
  run: ([text], { frame }) => {
    frame.produce((text as string).length);
    return (text as string).toUpperCase();
  },
};

export const TEXT_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  lower,
  lowerAscii: lower,
  upper,
  upperAscii: upper,
  trim: {
    needs: [TEXT],
    run: ([text], { frame }) => {
      frame.produce((text as string).length);
      return (text as string).trim();
    },
  },
  contains: {
    needs: [['text', 'list'], ['any']],
    onNull: false,
    run: ([container = null, item = null], { frame, site }) => isIn(item, container, frame, site),
  },
  startsWith: {
    needs: [TEXT, TEXT],
    onNull: false,
    run: ([text, start], { frame }) => {
      frame.produce((start as string).length);
      return (text as string).startsWith(start as string);
    },
  },
  endsWith: {
    needs: [TEXT, TEXT],
    onNull: false,
    run: ([text, end], { frame }) => {
      frame.produce((end as string).length);
      return (text as string).endsWith(end as string);
    },
  },
  indexOf: {
    needs: [TEXT, TEXT],
    may: [NUMBER],
    run: ([text, piece, from], { frame, site }) => {
      paySearch(text as string, piece as string, frame);
      const characters = charactersOf(text as string, frame);
      const start = typeof from === 'number' ? Math.max(0, wholeNumber(from, 'indexOf', site)) : 0;
      if (typeof characters === 'string') return findText(text as string, piece as string, start);
      const before = characters.slice(0, start).join('').length;
      const found = findText(text as string, piece as string, before);
      return found < 0 ? -1 : Array.from((text as string).slice(0, found)).length;
    },
  },
  substring: {
    needs: [TEXT, NUMBER],
    may: [NUMBER],
    run: ([text, from, to], { frame, site }) => {
      const characters = charactersOf(text as string, frame);
      const start = wholeNumber(from as number, 'substring', site);
      const end = typeof to === 'number' ? wholeNumber(to, 'substring', site) : characters.length;
      const piece = characters.slice(Math.max(0, start), Math.max(0, end));
      return typeof piece === 'string' ? piece : piece.join('');
    },
  },
  replace: {
    needs: [TEXT, TEXT, TEXT],
    run: ([text, old, by], { frame, site }) => {
      if (old === '') throw new ExpressionFailed('"replace" needs a text to look for, not an empty one', site);
      return split(text as string, old as string, Infinity, (by as string).length, frame).join(by as string);
    },
  },
  split: {
    needs: [TEXT, TEXT],
    may: [NUMBER],
    run: ([text, separator, limit], { frame, site }) => {
      const most = typeof limit === 'number' ? wholeNumber(limit, 'split', site) : Infinity;
      if (separator !== '') return split(text as string, separator as string, most, 0, frame);
      frame.spend((text as string).length);
      return Array.from(text as string).slice(0, Math.max(0, most));
    },
  },
  matches: {
    needs: [TEXT, TEXT],
    onNull: false,
    patternAt: 1,
    run: ([text, source], call) =>
      payMatch(text as string, patternOf(source as string, call), call).test(text as string),
  },
  find: {
    needs: [TEXT, TEXT],
    patternAt: 1,
    run: ([text, source], call) =>
      payMatch(text as string, patternOf(source as string, call), call).find(text as string)?.text ?? null,
  },
};

/** Pieces of the text, paid one by one so that a huge text stops early; `limit` pieces at most, the last with all that is left. */
function split(text: string, separator: string, limit: number, padding: number, frame: Call['frame']): string[] {
  paySearch(text, separator, frame);
  const pieces: string[] = [];
  let at = 0;
  while (pieces.length < limit - 1) {
    const found = findText(text, separator, at);
    if (found < 0) break;
    frame.spend(2);
    frame.produce(padding);
    pieces.push(text.slice(at, found));
    at = found + separator.length;
  }
  if (limit > 0) pieces.push(text.slice(at));
  return pieces;
}

/** A pattern from data is paid for whether it was compiled before or not: costs do not depend on history. */
function patternOf(source: string, { frame, site, pattern }: Call): Pattern {
  if (pattern) return pattern;
  frame.spendOnce(source, source.length * PATTERN_COST);
  try {
    return Pattern.of(source);
  } catch (error) {
    if (error instanceof ExpressionInvalid)
      throw new ExpressionFailed('The data holds no regular expression that RE2 takes', site);
    throw error;
  }
}

function payMatch(text: string, pattern: Pattern, { frame }: Call): Pattern {
  frame.spend(Math.ceil((text.length * pattern.size) / 4));
  return pattern;
}

export function wholeNumber(value: number, name: string, site: Call['site']): number {
  if (!Number.isInteger(value)) throw new ExpressionFailed(`"${name}" needs a whole number as position or count`, site);
  return value;
}
