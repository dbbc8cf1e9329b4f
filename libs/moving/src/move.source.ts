import type { PlacedEntry } from './entry';

/** Where things are read from, part by part. It only reads, and nobody else changes what is read meanwhile. */
export abstract class MoveSource {
  /** What it holds, in the order in which it has to be written. */
  abstract readonly parts: readonly string[];

  abstract count(part: string): Promise<number>;

  /** Some of a part's entries behind this place, always in the same order; as many as are carried at once. None: that was all. */
  abstract page(part: string, after: string | null): Promise<readonly PlacedEntry[]>;
}
