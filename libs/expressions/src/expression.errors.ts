import { AppError, type Fault } from '@flow/kernel';

/** Where in a text something stands. Messages name the place and the kind of a value, never the value: it may be a secret. */
export interface Site {
  readonly text: string;
  /** Offset of the character in the text. */
  readonly offset: number;
}

/** `column 5`, or `line 2, column 5` where the text has several lines; both count from one. */
export function placeOf({ text, offset }: Site): string {
  const before = text.slice(0, offset);
  const lines = before.split('\n');
  const column = `column ${(lines.at(-1) ?? '').length + 1}`;
  return text.includes('\n') ? `line ${lines.length}, ${column}` : column;
}

/** The piece of the text around a place, short enough for a message. */
function excerptOf({ text, offset }: Site): string {
  const start = Math.max(0, offset - 30);
  const end = Math.min(text.length, Math.max(offset + 30, start + 60));
  const piece = text.slice(start, end).replaceAll(/\s+/g, ' ');
  return `${start > 0 ? '…' : ''}${piece}${end < text.length ? '…' : ''}`;
}

function sentence(fact: string, site?: Site): string {
  return site ? `${fact} (${placeOf(site)} of "${excerptOf(site)}")` : fact;
}

/** A text, or some text within a value, is no expression that can be run. `faults` names all of them when there can be several. */
export class ExpressionInvalid extends AppError {
  readonly kind = 'invalid';
  readonly code = 'expression.invalid';
  override readonly faults: readonly Fault[];

  constructor(fact: string, site?: Site, faults?: readonly Fault[]) {
    const message = sentence(fact, site);
    super(message, site && { place: placeOf(site) });
    this.faults = faults ?? [{ pointer: '', code: 'expression.invalid', message }];
  }

  static of(faults: readonly [Fault, ...Fault[]]): ExpressionInvalid {
    const [first, ...others] = faults;
    const more = others.length > 0 ? ` (and ${others.length} more)` : '';
    return new ExpressionInvalid(`${first.pointer || 'The value'}: ${first.message}${more}`, undefined, faults);
  }
}

/** The expression met data of a kind that it cannot work on. */
export class ExpressionFailed extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'expression.failed';

  constructor(fact: string, site?: Site) {
    super(sentence(fact, site), site && { place: placeOf(site) });
  }
}

/** The evaluation went past its limit of work or of output. */
export class ExpressionTooCostly extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'expression.too_costly';

  constructor(limit: string) {
    super(`The expression was stopped: ${limit}. Give it less data, or split the work over several steps.`);
  }
}
