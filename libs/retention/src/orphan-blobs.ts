import type { Clock } from '@flow/kernel';
import { Repeated, type BlobOwner, type BlobStore } from '@flow/platform';
import { Pace } from './pace';

/** Large values are stored before a record names them; by then it has long done so, or never will. */
export const ORPHAN_AGE_MS = 24 * 60 * 60 * 1_000;
export const ORPHAN_SWEEP_MS = 6 * 60 * 60 * 1_000;
export const FIRST_ORPHAN_SWEEP_MS = 15 * 60 * 1_000;
const LOOKED_AT_ONCE = 100;

export interface OrphanParts {
  readonly blobs: BlobStore;
  /** Who knows owners of values: instances, uploaded files. What none of them knows is nobody's. */
  readonly owners: readonly { unknown(names: readonly string[]): Promise<readonly string[]> }[];
  readonly clock: Clock;
  /** Whether an instance may stand for which there is no row yet. */
  mayLive(owner: string): boolean;
}

/** Removes large values of instances that have never come to be: a start that was refused, or cut off, behind storing them. */
export class OrphanBlobs {
  private stopped = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parts: OrphanParts,
    /** Told of each owner whose values were removed. */
    private readonly onRemoved: (owner: string) => void,
  ) {}

  /** Looks at all of them, some at a time; gives how many owners went. @throws what a store throws */
  run(): Promise<number> {
    const pass = this.last.then(() => this.pass());
    this.last = pass.catch(() => undefined);
    return pass;
  }

  /** Resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.last;
  }

  private async pass(): Promise<number> {
    const { blobs, clock } = this.parts;
    const than = new Date(clock.now().getTime() - ORPHAN_AGE_MS);
    const pace = new Pace(clock);
    let removed = 0;
    let batch: BlobOwner[] = [];
    for await (const owner of blobs.everyOwner()) {
      if (this.stopped) return removed;
      batch.push(owner);
      if (batch.length < LOOKED_AT_ONCE) continue;
      removed += await this.removeOrphans(batch, than);
      batch = [];
      await pace.rest();
    }
    return removed + (await this.removeOrphans(batch, than));
  }

  /** What gets a row behind this look was stored in the last day, and stays for its age. */
  private async removeOrphans(owners: readonly BlobOwner[], than: Date): Promise<number> {
    let names: readonly string[] = owners.map(({ owner }) => owner);
    for (const one of this.parts.owners) names = await one.unknown(names);
    const unknown = new Set(names);
    let removed = 0;
    for (const one of owners) {
      if (!unknown.has(one.owner) || this.parts.mayLive(one.owner) || !(await one.releaseIfOlder(than))) continue;
      removed += 1;
      this.onRemoved(one.owner);
    }
    return removed;
  }
}

/** Has that done every some hours. */
export class OrphanSweep extends Repeated {
  constructor(orphans: OrphanBlobs, clock: Clock, onFault: (error: unknown) => void) {
    const delays = { firstMs: FIRST_ORPHAN_SWEEP_MS, everyMs: ORPHAN_SWEEP_MS };
    super(
      clock,
      delays,
      async () => {
        await orphans.run();
      },
      onFault,
      () => orphans.stop(),
    );
  }
}
