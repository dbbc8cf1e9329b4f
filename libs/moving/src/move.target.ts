import type { Entry } from './entry';

/** Where things are written to. Nobody else writes there meanwhile. */
export abstract class MoveTarget {
  abstract count(part: string): Promise<number>;

  /** Those of these keys that stand, read back as what a source would have given. */
  abstract find(part: string, keys: readonly string[]): Promise<readonly Entry[]>;

  /** Writes them in the place of whatever stands under their keys: durable when it resolves, and the same when it is done again. */
  abstract put(part: string, entries: readonly Entry[]): Promise<void>;
}
