import type { DispatchConsumer } from '@flow/instances';
import type { Clock, InstanceId } from '@flow/kernel';

/** A dispatch that is this process's for a while, or when there may be one (ms since 1970), if that is known. */
export type FetchedDispatch =
  { readonly id: InstanceId; done(): Promise<void> } | { readonly id?: undefined; readonly next: number | undefined };

export interface FetchedLanes {
  fetch(lane: number): Promise<FetchedDispatch>;
  /** Whether something that a dead process had fetched is there again. */
  recover(lane: number): Promise<boolean>;
}

/** Dispatches that are taken up at the same time. */
const AT_ONCE = 16;
/** Lanes of which nothing was heard are looked into so often. */
const LOOK_MS = 5_000;
/** While there is no room it is looked for some so often. */
const PAUSE_MS = 100;
/** A queue that does not answer is asked again after so long. */
const AWAY_MS = 500;

/** Fetches from lanes in turn, one from each, for as long as there is room: of the lanes that have something none waits for all of another. */
export class DispatchFetcher {
  /** Lanes that may have something. */
  private readonly awake = new Set<number>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly timers = new Map<string, () => void>();
  private turn = 0;
  private isOver = false;
  private isFetching = false;
  /** It did not answer, and is not asked for a moment; and that was told. */
  private isAway = false;
  private isSilent = false;

  constructor(
    private readonly count: number,
    private readonly lanes: FetchedLanes,
    private readonly consumer: DispatchConsumer,
    private readonly clock: Clock,
    private readonly recoverMs: number,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    this.again('look', LOOK_MS, () => this.wakeAll());
    this.again('recover', this.recoverMs, () => void this.recover());
    this.wakeAll();
  }

  wake(lane: number): void {
    if (this.isOver || !(lane >= 0 && lane < this.count)) return;
    this.awake.add(lane);
    this.fetchMore();
  }

  wakeAll(): void {
    for (let lane = 0; lane < this.count; lane += 1) this.awake.add(lane);
    this.fetchMore();
  }

  /** Resolves when what is under way has come to its end. */
  async stop(): Promise<void> {
    this.isOver = true;
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    await Promise.all(this.underWay);
  }

  /** One after another: who takes them has then said whether there is room for the next. What is taken up meanwhile goes on. */
  private fetchMore(): void {
    if (this.isOver || this.isAway || this.isFetching || this.awake.size === 0 || this.underWay.size >= AT_ONCE) return;
    if (!this.consumer.hasRoom) {
      this.later('pause', PAUSE_MS, () => this.fetchMore());
      return;
    }
    const lane = this.nextLane();
    if (lane === undefined) return;
    this.isFetching = true;
    const work = this.serve(lane).finally(() => {
      this.underWay.delete(work);
      this.fetchMore();
    });
    this.underWay.add(work);
  }

  /** Takes it out of those that are awake: it comes back when it had something. */
  private nextLane(): number | undefined {
    for (let i = 0; i < this.count; i += 1) {
      const lane = (this.turn + i) % this.count;
      if (!this.awake.delete(lane)) continue;
      this.turn = (lane + 1) % this.count;
      return lane;
    }
    return undefined;
  }

  private async serve(lane: number): Promise<void> {
    let fetched: FetchedDispatch;
    try {
      fetched = await this.lanes.fetch(lane);
    } catch (error) {
      this.awake.add(lane);
      this.goesAway(error);
      return;
    } finally {
      this.isFetching = false;
    }
    this.isSilent = false;
    if (fetched.id === undefined) {
      const { next } = fetched;
      if (next !== undefined)
        this.later(`lane ${lane}`, Math.min(Math.max(next - this.clock.now().getTime(), 1), LOOK_MS), () =>
          this.wake(lane),
        );
      return;
    }
    const taking = this.consumer.take(fetched.id);
    this.wake(lane);
    try {
      await taking;
    } catch (error) {
      this.onFault(error);
    }
    // One that stays is brought again when its lock is over, and dropped then.
    await fetched.done().catch((error: unknown) => this.onFault(error));
  }

  /** Told once until it answers again. */
  private goesAway(error: unknown): void {
    if (!this.isSilent) this.onFault(error);
    this.isSilent = true;
    this.isAway = true;
    this.later('away', AWAY_MS, () => {
      this.isAway = false;
      this.fetchMore();
    });
  }

  private async recover(): Promise<void> {
    for (let lane = 0; lane < this.count && !this.isOver; lane += 1)
      try {
        if (await this.lanes.recover(lane)) this.wake(lane);
      } catch (error) {
        this.onFault(error);
        return;
      }
  }

  private again(name: string, everyMs: number, work: () => void): void {
    this.later(name, everyMs, () => {
      this.again(name, everyMs, work);
      work();
    });
  }

  private later(name: string, delayMs: number, work: () => void): void {
    if (this.isOver) return;
    this.timers.get(name)?.();
    this.timers.set(
      name,
      this.clock.after(delayMs, () => {
        this.timers.delete(name);
        work();
      }),
    );
  }
}
