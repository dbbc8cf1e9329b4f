import { RE2JS, RE2JSException } from 're2js';
import { ExpressionInvalid, ExpressionTooCostly } from './expression.errors';
import { MAX_CACHED_PATTERNS, MAX_PATTERN_LENGTH, MAX_PATTERN_SIZE } from './limits';

/** Instructions x characters of one test outside an expression: about a quarter of a second at worst. */
const MAX_WORK = 8_000_000;

/** One match: the whole, its offset, and its groups from the first (null where one took no part). */
export interface PatternMatch {
  readonly text: string;
  readonly index: number;
  readonly groups: readonly (string | null)[];
}

/** A regular expression in RE2's syntax: time grows with the text, never with how the pattern is written. Matches anywhere unless anchored by `^`, `$`. */
export class Pattern {
  private constructor(
    readonly source: string,
    private readonly compiled: RE2JS,
    /** Instructions of its program: a search costs at most this times the text's length. */
    readonly size: number,
  ) {}

  private static readonly cache = new Map<string, Pattern>();

  /** Compiles once and keeps it. Throws ExpressionInvalid for what RE2 does not take (look-around, back-references) or what is too large. */
  static of(source: string): Pattern {
    const known = Pattern.cache.get(source);
    if (known) return known;
    if (source.length > MAX_PATTERN_LENGTH)
      throw new ExpressionInvalid(
        `A regular expression may have ${MAX_PATTERN_LENGTH} characters, not ${source.length}`,
      );
    const compiled = compile(source);
    const size = compiled.programSize();
    if (size > MAX_PATTERN_SIZE)
      throw new ExpressionInvalid('The regular expression repeats too much: its program would be too large');
    const pattern = new Pattern(source, compiled, size);
    const oldest = Pattern.cache.size >= MAX_CACHED_PATTERNS ? Pattern.cache.keys().next().value : undefined;
    if (oldest !== undefined) Pattern.cache.delete(oldest);
    Pattern.cache.set(source, pattern);
    return pattern;
  }

  /** Tells patterns apart: validators keep them by it. */
  toString(): string {
    return `/${this.source}/u`;
  }

  /** Whether it matches anywhere. Throws ExpressionTooCostly when text and pattern together are too large. */
  test(text: string): boolean {
    this.check(text.length);
    return this.compiled.matcher(text).find();
  }

  /** The first match, or undefined. Throws as `test`. */
  find(text: string): PatternMatch | undefined {
    return this.findAll(text, 1)[0];
  }

  /** The first `limit` matches, none overlapping another. Throws as `test`. */
  findAll(text: string, limit: number): readonly PatternMatch[] {
    const matcher = this.compiled.matcher(text);
    const matches: PatternMatch[] = [];
    // Each search may read to the end of the text.
    for (let read = text.length; matches.length < limit; read += text.length - matcher.end()) {
      this.check(read);
      if (!matcher.find()) break;
      const groups = Array.from({ length: matcher.groupCount() }, (_, i) => matcher.group(i + 1));
      matches.push({ text: matcher.group() ?? '', index: matcher.start(), groups });
    }
    return matches;
  }

  private check(characters: number): void {
    if (characters * this.size > MAX_WORK)
      throw new ExpressionTooCostly('its text is too long for so large a regular expression');
  }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const reason =
      error instanceof RE2JSException ? error.message.replace(/^error parsing regexp: /, '') : 'it nests too deep';
    throw new ExpressionInvalid(`The regular expression is not valid (RE2): ${reason}`);
  }
}
