import type { Json } from '@flow/kernel';
import type { Site } from './expression.errors';
import type { Frame } from './frame';
import type { Pattern } from './pattern';

export type Kind = 'text' | 'number' | 'list' | 'object' | 'any';

/** What a function is told besides its arguments. */
export interface Call {
  readonly frame: Frame;
  readonly site: Site;
  /** The regular expression, when it was written as a literal and so compiled beforehand. */
  readonly pattern: Pattern | undefined;
}

/**
 * A function of the language; `f(a, b)` and `a.f(b)` are the same call. Its arguments have the kinds that it names when it runs:
 * null in a required place gives `onNull` without a call, any other kind fails.
 */
export interface LanguageFunction {
  /** Kinds of the required arguments, several for one where alternatives are. */
  readonly needs: readonly (readonly Kind[])[];
  /** Kinds of the arguments that may follow; null counts as not given. */
  readonly may?: readonly (readonly Kind[])[];
  /** Any number of further arguments of these kinds. */
  readonly rest?: readonly Kind[];
  /** What a missing argument comes to; null unless said. */
  readonly onNull?: Json;
  /** Which argument is a regular expression. */
  readonly patternAt?: number;
  /** It gives its arguments as they are: large values in them need not be read. */
  readonly handsOn?: boolean;
  run(args: readonly Json[], call: Call): Json;
}
