import type { Runs } from '@flow/instances';
import type { Ask, MemoryGround } from '@flow/testing/instances';
import type { Stores } from '../simulation/process';

/** Workers that are broken on purpose, in one place. */
export interface Mutant {
  readonly name: string;
  /** A seed shortly before one that shows it. */
  readonly from: number;
  /** The stores as one process sees them. */
  ground(stores: Stores, ground: MemoryGround, ask: Ask): Stores;
  /** Changes within one process. */
  graft(runs: Runs): void;
}

export const SOUND: Mutant = { name: 'are sound', from: 1, ground: (stores) => stores, graft: () => undefined };
