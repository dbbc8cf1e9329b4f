import { createConnection, type Connection } from 'mongoose';
import type { Violation } from '../checker';

const LOOKS_EVERY_MS = 100;
/** Nobody is held dead whose last sign of life is younger. */
const HELD_DEAD_AFTER_MS = 10_000;

/** What is asked of the row of a worker. */
interface Row {
  readonly _id: string;
  readonly beat: number;
  readonly isClosing: boolean;
  readonly report?: { readonly pid: number; readonly at: string } | null;
}

/** A worker that lost its hold of all that it carried out. */
export interface LostHold {
  readonly worker: string;
  readonly pid: number | undefined;
  readonly beat: number;
  /** By its own clock, when it sent the last beat that was taken. */
  readonly beatSentAt: string | undefined;
  /** Its last beat was not there yet when it was looked for at this time. */
  readonly beatAfter: number;
  /** It was seen to be held dead, or to have let go. */
  readonly seenAt: number;
}

interface Seen {
  readonly beat: number;
  readonly beatAfter: number;
}

/**
 * Looks at the signs of life in the store itself, over no way that fails: which worker lost its hold, when, and how long it had given no sign of life.
 * Others may go on with what a worker held only then.
 */
export class Witness {
  readonly lost: LostHold[] = [];
  private readonly seen = new Map<string, Seen>();
  private readonly over: Promise<void>;
  private isClosed = false;
  private lastLookAt = Date.now();

  private constructor(
    private readonly connection: Connection,
    private readonly onLost: (hold: LostHold) => void,
  ) {
    this.over = this.work();
    // Told by `close`.
    this.over.catch(() => undefined);
  }

  static async open(mongo: string, onLost: (hold: LostHold) => void): Promise<Witness> {
    return new Witness(await createConnection(mongo).asPromise(), onLost);
  }

  /** Workers that others held dead though they had given a sign of life: those which let go by themselves are `told`, by their processes. */
  tooEarly(told: (pid: number) => boolean): readonly Violation[] {
    return this.lost
      .filter(({ pid, beatAfter, seenAt }) => seenAt - beatAfter < HELD_DEAD_AFTER_MS && !(pid && told(pid)))
      .map((hold) => ({ kind: 'surprise', what: `held dead though it lived: ${said(hold)}` }));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.over;
    await this.connection.close();
  }

  private async work(): Promise<void> {
    while (!this.isClosed) {
      const askedAt = Date.now();
      const rows = await this.connection
        .getClient()
        .db(this.connection.name)
        .collection<Row>('workers')
        .find()
        .toArray();
      for (const row of rows) this.look(row);
      this.lastLookAt = askedAt;
      await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS));
    }
  }

  private look({ _id: worker, beat, isClosing, report }: Row): void {
    const seen = this.seen.get(worker);
    // What it has said since the last look it has said behind that.
    const beatAfter = seen?.beat === beat ? seen.beatAfter : this.lastLookAt;
    this.seen.set(worker, { beat, beatAfter });
    if (!isClosing || this.lost.some((one) => one.worker === worker)) return;
    const hold = { worker, pid: report?.pid, beat, beatSentAt: report?.at, beatAfter, seenAt: Date.now() };
    this.lost.push(hold);
    this.onLost(hold);
  }
}

export function said({ worker, pid, beat, beatSentAt, beatAfter, seenAt }: LostHold): string {
  return `${worker} (process ${String(pid)}), whose beat ${beat} (sent ${String(beatSentAt)}) came after ${iso(beatAfter)}, was seen to have lost its hold at ${iso(seenAt)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
