import type { Json } from '@flow/kernel';
import type { LiveRun } from './live-run';

/** What live runs hold in inputs and outputs, one by one and together, and what is too much. */
export class RunBytes {
  private total = 0;
  private readonly runs = new Set<LiveRun>();

  constructor(
    private readonly limits: {
      /** Bytes of all inputs and outputs of the tasks of one run, those in the blob store included. */
      readonly instanceBytes: number;
      /** The same without those in the blob store: what a run holds in memory and writes into its snapshots. */
      readonly heldBytes: number;
      /** Bytes of all live runs together: past it starts are refused, and runs that hold more than their share of it fail. */
      readonly liveBytes: number;
    },
  ) {}

  get isFull(): boolean {
    return this.total >= this.limits.liveBytes;
  }

  add(run: LiveRun): void {
    this.runs.add(run);
    this.total += run.bytes;
  }

  remove(run: LiveRun): void {
    if (this.runs.delete(run)) this.total -= run.bytes;
  }

  grow(run: LiveRun, value: Json | undefined): void {
    if (value === undefined) return;
    const bytes = run.weigh(value, this.limits.instanceBytes);
    run.bytes += bytes;
    if (this.runs.has(run)) this.total += bytes;
  }

  /** Why the run must not go on, if it must not. */
  faultOf({ bytes, storedBytes }: LiveRun): string | undefined {
    const { instanceBytes, heldBytes, liveBytes } = this.limits;
    if (bytes > heldBytes)
      return `The inputs and outputs of this instance's tasks that are held in memory are larger than ${heldBytes} bytes (INSTANCE_HELD_LIMIT).`;
    if (bytes + storedBytes > instanceBytes)
      return `The inputs and outputs of this instance's tasks are larger than ${instanceBytes} bytes (INSTANCE_LIMIT).`;
    if (this.total > liveBytes && bytes > liveBytes / Math.max(1, this.runs.size))
      return `All live instances together hold more than ${liveBytes} bytes, and this one more than its share.`;
    return undefined;
  }
}
