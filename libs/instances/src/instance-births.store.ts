import { newRun, type Plan, type RunStart, type RunState } from '@flow/engine';
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

/** What an instance that nobody has held yet starts with, and whether it then waits for a slot. */
export type BornStart = RunStart & { readonly queued?: boolean };

export function encodeStart(start: BornStart): string {
  return textWithLarge(start);
}

export function decodeStart(text: string): BornStart {
  return withLarge(JSON.parse(text) as WithPlaces<BornStart>);
}

/** The state before the first transition. */
export function bornRun(plan: Plan, { queued, ...start }: BornStart): RunState {
  const run = newRun(plan, start);
  if (queued) run.queued = true;
  return run;
}
