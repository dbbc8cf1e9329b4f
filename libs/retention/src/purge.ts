import type { EndedGroup, EndedInstances, EndedPlace, TaskLog, TaskLogWriter } from '@flow/instances';
import type { Clock, DagId, DomainId, InstanceId } from '@flow/kernel';
import type { BlobStore } from '@flow/platform';
import type { DiskSpace } from './disk-space';
import { Pace } from './pace';
import type { KeptMs, RetentionRules } from './retention-rules';

const GROUPS_A_READ = 100;
const PURGED_AT_ONCE = 25;
const TOMBSTONES_AT_ONCE = 500;

/** What this process has done and not yet written. */
export interface Unwritten {
  /** Resolves when what was done before is in the rows, and the log's mark is behind it. */
  caughtUp(): Promise<void>;
  /** Whether rows of this instance are not written yet. */
  isBehind(id: InstanceId): boolean;
}

export interface PurgeParts {
  readonly rules: RetentionRules;
  readonly ended: EndedInstances;
  readonly taskLog: TaskLog;
  readonly lines: TaskLogWriter;
  readonly blobs: BlobStore;
  readonly space: DiskSpace;
  readonly unwritten: Unwritten;
  readonly clock: Clock;
}

export interface PurgeReport {
  /** Instances that were removed. */
  readonly purged: number;
  /** Bytes that the disk has back. */
  readonly freedBytes: number;
  /** False when there was no time for all of it. */
  readonly done: boolean;
  readonly tookMs: number;
}

/** What goes: of one domain or of all, past its retention or, whatever that is, what ended before a moment. */
export interface PurgeRequest {
  readonly domain?: DomainId;
  readonly dagId?: DagId;
  readonly endedBefore?: Date;
  readonly withinMs?: number;
}

/**
 * Removes ended instances and all that belongs to them, a few at a time: large values, log lines, then the rows that name them, so
 * that a removal that was cut off is found and done again. Between the steps others work; one pass goes on at a time.
 */
export class Purge {
  private last: Promise<unknown> = Promise.resolve();
  private stopped = false;
  /** When the last whole pass over all domains was over, and what was the oldest end that it left. */
  lastPass: { readonly at: Date; readonly oldest: Date | null } | undefined;

  constructor(
    private readonly parts: PurgeParts,
    /** Told of every step: how many went. */
    private readonly onPurged: (count: number) => void,
  ) {}

  /**
   * Waits for its turn; with `withinMs` no longer than that, and then tells that nothing was done.
   * @throws what a store throws; what was removed until then is removed.
   */
  async run(request: PurgeRequest = {}): Promise<PurgeReport> {
    const startedMs = this.parts.clock.monotonicMs();
    const begun = { is: false };
    const pass = this.last.then(() => {
      begun.is = true;
      return new Pass(this.parts, request, startedMs, () => this.stopped, this.onPurged).run();
    });
    this.last = pass.catch(() => undefined);
    const report = await this.inTime(pass, begun, request.withinMs);
    if (!report) return { purged: 0, freedBytes: 0, done: false, tookMs: request.withinMs ?? 0 };
    const { oldest, ...told } = report;
    const isWhole = request.domain === undefined && request.endedBefore === undefined && report.done;
    if (isWhole) this.lastPass = { at: this.parts.clock.now(), oldest };
    return told;
  }

  /** Resolves when nothing of it is under way: a pass ends behind the step that it is at. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.last;
  }

  /** Undefined when it has not begun in time; what it then does is next to nothing. */
  private async inTime<T>(
    pass: Promise<T>,
    begun: { readonly is: boolean },
    withinMs?: number,
  ): Promise<T | undefined> {
    if (withinMs === undefined) return pass;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.parts.clock.after(withinMs, () => {
        if (!begun.is) resolve(undefined);
      });
      void pass.then(resolve, reject).finally(cancelTimer);
    });
  }
}

class Pass {
  private readonly pace: Pace;
  private readonly kept: KeptMs;
  private purged = 0;
  private freedBytes = 0;
  private oldest: Date | null = null;

  constructor(
    private readonly parts: PurgeParts,
    private readonly request: PurgeRequest,
    private readonly startedMs: number,
    private readonly isStopped: () => boolean,
    private readonly onPurged: (count: number) => void,
  ) {
    this.pace = new Pace(parts.clock);
    this.kept = parts.rules.reader();
  }

  async run(): Promise<PurgeReport & { readonly oldest: Date | null }> {
    const { ended, unwritten, lines } = this.parts;
    await unwritten.caughtUp();
    await lines.caughtUp();
    // What an earlier pass left in the middle.
    await this.clear();
    for (let after: EndedGroup | null = null; this.goesOn;) {
      const groups: readonly (EndedGroup & { readonly oldest: Date })[] = await ended.groups(
        this.request.domain ?? null,
        after,
        GROUPS_A_READ,
      );
      for (const group of groups) await this.purgeGroup(group);
      const last = groups.at(-1);
      if (!last) break;
      after = last;
      await this.pace.rest();
    }
    while (this.goesOn && (await ended.forget(this.parts.clock.now(), TOMBSTONES_AT_ONCE)) === TOMBSTONES_AT_ONCE)
      await this.pace.rest();
    await this.giveBack();
    const { purged, freedBytes, oldest } = this;
    const tookMs = Math.round(this.parts.clock.monotonicMs() - this.startedMs);
    return { purged, freedBytes, done: this.goesOn, tookMs, oldest };
  }

  private get goesOn(): boolean {
    const { withinMs = Infinity } = this.request;
    return !this.isStopped() && this.parts.clock.monotonicMs() - this.startedMs < withinMs;
  }

  private async purgeGroup(group: EndedGroup & { readonly oldest: Date }): Promise<void> {
    const { ended, unwritten } = this.parts;
    const before = await this.limitOf(group);
    if (!before || group.oldest >= before) {
      this.note(group.oldest);
      return;
    }
    for (let after: EndedPlace | null = null; this.goesOn;) {
      const found = await ended.endedBefore(group, before, after, PURGED_AT_ONCE);
      const going = found.filter(({ id, needed }) => !needed && !unwritten.isBehind(id)).map(({ id }) => id);
      const staying = found.find(({ id }) => !going.includes(id));
      if (staying) this.note(new Date(staying.place.endedMs));
      if (going.length > 0) await this.remove(group.domain, going);
      const last = found.at(-1);
      if (!last || found.length < PURGED_AT_ONCE) break;
      after = last.place;
      await this.pace.rest();
    }
    const left = await ended.endedBefore(group, this.parts.clock.now(), null, 1);
    if (left[0]) this.note(new Date(left[0].place.endedMs));
  }

  /** What of the group ended before goes; undefined for nothing. */
  private async limitOf(group: EndedGroup): Promise<Date | undefined> {
    const { dagId, endedBefore } = this.request;
    if (dagId !== undefined && group.dagId !== dagId) return undefined;
    if (endedBefore) return endedBefore;
    const keptMs = await this.kept(group);
    return keptMs === Infinity ? undefined : new Date(this.parts.clock.now().getTime() - keptMs);
  }

  private async remove(domain: DomainId, ids: readonly InstanceId[]): Promise<void> {
    const { blobs, taskLog, lines, ended, clock } = this.parts;
    await Promise.all(ids.map((owner) => blobs.release({ domain, owner })));
    while (!(await taskLog.purge(ids))) await this.pace.rest();
    lines.forget(ids);
    const gone = await ended.purge(ids, clock.now());
    this.purged += gone;
    this.onPurged(gone);
    await this.clear();
  }

  /** Also when its time is over: what has begun to go is soon gone. */
  private async clear(): Promise<void> {
    while (!this.isStopped() && (await this.parts.ended.clear())) await this.pace.rest();
  }

  private async giveBack(): Promise<void> {
    while (this.goesOn) {
      const bytes = await this.parts.space.giveBack();
      if (bytes === 0) return;
      this.freedBytes += bytes;
      await this.pace.rest();
    }
  }

  private note(endedAt: Date): void {
    if (!this.oldest || endedAt < this.oldest) this.oldest = endedAt;
  }
}
