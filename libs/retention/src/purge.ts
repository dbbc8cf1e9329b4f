import type { EndedGroup, EndedInstance, EndedInstances, EndedPlace, TaskLog, TaskLogWriter } from '@flow/instances';
import type { Clock, DagId, DomainId, InstanceId } from '@flow/kernel';
import type { BlobStore } from '@flow/platform';
import type { DiskSpace } from './disk-space';
import { Pace } from './pace';
import type { KeptMs, RetentionRules } from './retention-rules';

const GROUPS_A_READ = 100;
const PURGED_AT_ONCE = 25;
const TOMBSTONES_AT_ONCE = 500;
const COUNTED_AT_ONCE = 200;
const DAGS_TOLD = 1_000;

type OldestOfGroup = EndedGroup & { readonly oldest: Date };

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

/** What a purge would remove now, and nothing of which it has removed. */
export interface PurgePreview {
  readonly instances: number;
  /** Those DAGs of which instances would go, the most first; of very many DAGs the first thousand. */
  readonly dags: readonly { readonly dagId: DagId; readonly instances: number }[];
  /** False when there was no time to count all. */
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

  /** What `run` would remove now, counted beside whatever pass goes on. @throws what a store throws */
  async preview(request: PurgeRequest): Promise<PurgePreview> {
    return new Preview(this.parts, request, () => this.stopped).count();
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

/** One way through the groups: what of each is past its time. */
abstract class Walk {
  protected readonly pace: Pace;
  private readonly kept: KeptMs;

  constructor(
    protected readonly parts: PurgeParts,
    protected readonly request: PurgeRequest,
    protected readonly startedMs: number,
    protected readonly isStopped: () => boolean,
  ) {
    this.pace = new Pace(parts.clock);
    this.kept = parts.rules.reader();
  }

  protected abstract group(group: OldestOfGroup, before: Date | undefined): Promise<void>;

  protected async walk(): Promise<void> {
    for (let after: EndedGroup | null = null; this.goesOn;) {
      const groups: readonly OldestOfGroup[] = await this.parts.ended.groups(
        this.request.domain ?? null,
        after,
        GROUPS_A_READ,
      );
      for (const group of groups) await this.group(group, await this.limitOf(group));
      const last = groups.at(-1);
      if (!last) break;
      after = last;
      await this.pace.rest();
    }
  }

  protected get goesOn(): boolean {
    const { withinMs = Infinity } = this.request;
    return !this.isStopped() && this.parts.clock.monotonicMs() - this.startedMs < withinMs;
  }

  /** Those of the group that ended before, in pages, while there is time. */
  protected async *pagesOf(group: EndedGroup, before: Date, limit: number): AsyncGenerator<readonly EndedInstance[]> {
    for (let after: EndedPlace | null = null; this.goesOn;) {
      const found: readonly EndedInstance[] = await this.parts.ended.endedBefore(group, before, after, limit);
      yield found;
      const last = found.at(-1);
      if (!last || found.length < limit) return;
      after = last.place;
      await this.pace.rest();
    }
  }

  protected goes({ id, needed }: EndedInstance): boolean {
    return !needed && !this.parts.unwritten.isBehind(id);
  }

  protected get tookMs(): number {
    return Math.round(this.parts.clock.monotonicMs() - this.startedMs);
  }

  /** What of the group ended before goes; undefined for nothing. */
  private async limitOf(group: EndedGroup): Promise<Date | undefined> {
    const { dagId, endedBefore } = this.request;
    if (dagId !== undefined && group.dagId !== dagId) return undefined;
    if (endedBefore) return endedBefore;
    const keptMs = await this.kept(group);
    return keptMs === Infinity ? undefined : new Date(this.parts.clock.now().getTime() - keptMs);
  }
}

class Preview extends Walk {
  private readonly counts = new Map<DagId, number>();
  private instances = 0;

  constructor(parts: PurgeParts, request: PurgeRequest, isStopped: () => boolean) {
    super(parts, request, parts.clock.monotonicMs(), isStopped);
  }

  async count(): Promise<PurgePreview> {
    await this.parts.unwritten.caughtUp();
    await this.walk();
    const dags = Array.from(this.counts, ([dagId, instances]) => ({ dagId, instances }))
      .sort((a, b) => b.instances - a.instances)
      .slice(0, DAGS_TOLD);
    return { instances: this.instances, dags, done: this.goesOn, tookMs: this.tookMs };
  }

  protected override async group(group: OldestOfGroup, before: Date | undefined): Promise<void> {
    if (!before || group.oldest >= before) return;
    for await (const page of this.pagesOf(group, before, COUNTED_AT_ONCE)) {
      const going = page.filter((one) => this.goes(one)).length;
      if (going === 0) continue;
      this.instances += going;
      this.counts.set(group.dagId, (this.counts.get(group.dagId) ?? 0) + going);
    }
  }
}

class Pass extends Walk {
  private purged = 0;
  private freedBytes = 0;
  private oldest: Date | null = null;

  constructor(
    parts: PurgeParts,
    request: PurgeRequest,
    startedMs: number,
    isStopped: () => boolean,
    private readonly onPurged: (count: number) => void,
  ) {
    super(parts, request, startedMs, isStopped);
  }

  async run(): Promise<PurgeReport & { readonly oldest: Date | null }> {
    const { ended, unwritten, lines } = this.parts;
    await unwritten.caughtUp();
    await lines.caughtUp();
    // What an earlier pass left in the middle.
    await this.clear();
    await this.walk();
    while (this.goesOn && (await ended.forget(this.parts.clock.now(), TOMBSTONES_AT_ONCE)) === TOMBSTONES_AT_ONCE)
      await this.pace.rest();
    await this.giveBack();
    const { purged, freedBytes, oldest, tookMs } = this;
    return { purged, freedBytes, done: this.goesOn, tookMs, oldest };
  }

  protected override async group(group: OldestOfGroup, before: Date | undefined): Promise<void> {
    if (!before || group.oldest >= before) {
      this.note(group.oldest);
      return;
    }
    for await (const page of this.pagesOf(group, before, PURGED_AT_ONCE)) {
      const going = page.filter((one) => this.goes(one));
      const staying = page.find((one) => !going.includes(one));
      if (staying) this.note(new Date(staying.place.endedMs));
      if (going.length > 0)
        await this.remove(
          group.domain,
          going.map(({ id }) => id),
        );
    }
    const left = await this.parts.ended.endedBefore(group, this.parts.clock.now(), null, 1);
    if (left[0]) this.note(new Date(left[0].place.endedMs));
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
