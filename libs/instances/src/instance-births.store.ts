import type { RunStart } from '@flow/engine';
import { textWithLarge, withLarge, type WithPlaces } from '@flow/kernel';
import type { Instance } from './instance';
import type { Cursor, InstanceHeader } from './instance.store';

/** What stands of an instance that nobody has held yet: its header at seq 0, and what it starts with as the cursor of that place. */
export interface InstanceBirth {
  readonly header: InstanceHeader;
  readonly cursor: Cursor;
}

/** Creation where processes share a store: one insert, which is its commit point. Under the data folder's lock a log record creates instead. */
export abstract class InstanceBirths {
  /**
   * Inserts the header unless one of this id stands, and gives what stands then; 'purged' when it stood, has ended and was removed, and
   * its key may come again. Durable when it resolves.
   */
  abstract create(birth: InstanceBirth): Promise<Instance | 'purged'>;
}

export function encodeStart(start: RunStart): string {
  return textWithLarge(start);
}

export function decodeStart(text: string): RunStart {
  return withLarge(JSON.parse(text) as WithPlaces<RunStart>);
}
