import type { Json } from '@flow/kernel';
import type { Compiled, Reference, Scope } from './compiled';
import { Frame, type Run } from './frame';

/** Where a value comes from: written down, read from data as it stands, computed, or assembled from rendered parts. */
export type Origin = 'fixed' | 'read' | 'computed' | 'assembled';

/** Characters from which on a text is worth measuring. */
const LONG_TEXT = 256;

/** A compiled thing that can also run as part of a larger one, on its budget. */
export class Program implements Compiled {
  readonly constant: boolean;

  constructor(
    readonly references: readonly Reference[],
    readonly origin: Origin,
    readonly run: Run,
    /** The way without bookkeeping, for what needs none. */
    readonly reader?: (scope: Scope) => Json,
    readonly path?: Reference,
  ) {
    this.constant = references.length === 0;
  }

  evaluate(scope: Scope): Json {
    if (!this.reader) return this.render(new Frame(scope));
    const value = this.reader(scope);
    if (scope.budget && this.counts(value)) this.count(value, new Frame(scope));
    return value;
  }

  /**
   * Runs, and measures what could be larger than the data that it was made of: whatever was computed, and from the second on the lists,
   * objects and long texts that were read, since they may be the same one many times.
   */
  render(frame: Frame): Json {
    const value = this.run(frame);
    if (this.counts(value)) this.count(value, frame);
    return value;
  }

  private counts(value: Json): boolean {
    return this.origin !== 'fixed' && this.origin !== 'assembled' && isLarge(value);
  }

  private count(value: Json, frame: Frame): void {
    const { budget } = frame;
    budget.shown += 1;
    if (this.origin === 'computed' || budget.shown > 1) frame.measure(value);
  }
}

function isLarge(value: Json): boolean {
  return typeof value === 'string' ? value.length > LONG_TEXT : typeof value === 'object' && value !== null;
}

/** What is always the same. */
export function fixed(value: Json): Program {
  const same = (): Json => value;
  return new Program([], 'fixed', same, same);
}

/** All references of the parts, each once. */
export function referencesOf(parts: readonly Compiled[]): readonly Reference[] {
  const all = new Map<string, Reference>();
  for (const part of parts)
    for (const reference of part.references) all.set(JSON.stringify([reference.name, ...reference.path]), reference);
  return [...all.values()];
}
