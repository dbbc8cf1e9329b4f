import type { FileStore } from '@flow/files';
import type { Clock } from '@flow/kernel';
import { Repeated, type BlobStore } from '@flow/platform';
import { Pace } from './pace';

/** Whoever found it standing a moment before its time was over is done with it by then. */
export const EXPIRED_KEPT_MS = 3_600_000;
const EVERY_MS = 3_600_000;
const FIRST_MS = 10 * 60_000;
const A_STEP = 100;

export interface FilePurgeParts {
  readonly files: FileStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  /** When the first thing was asked for that may still name files and has not got them: what stood then stays. */
  neededSince(): Promise<Date | undefined>;
}

/** Removes uploaded files whose time is over; what runs have of them is the runs' own. */
export class FilePurge {
  private stopped = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: FilePurgeParts) {}

  /** Some at a time; gives how many went. @throws what a store throws */
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
    const { files, blobs, clock } = this.parts;
    const now = clock.now();
    const since = (await this.parts.neededSince()) ?? now;
    const before = new Date(Math.min(now.getTime(), since.getTime()) - EXPIRED_KEPT_MS);
    const pace = new Pace(clock);
    for (let removed = 0; ;) {
      const expired = this.stopped ? [] : await files.expired(before, A_STEP);
      // Bytes first: a row whose bytes are gone is found again, bytes without a row would have to be.
      for (const { domain, id } of expired) await blobs.release({ domain, owner: id });
      if (expired.length > 0) await files.remove(expired.map(({ id }) => id));
      removed += expired.length;
      if (expired.length < A_STEP) return removed;
      await pace.rest();
    }
  }
}

/** Has that done every hour. */
export class FileSweep extends Repeated {
  constructor(purge: FilePurge, clock: Clock, onFault: (error: unknown) => void) {
    super(
      clock,
      { firstMs: FIRST_MS, everyMs: EVERY_MS },
      async () => {
        await purge.run();
      },
      onFault,
      () => purge.stop(),
    );
  }
}
