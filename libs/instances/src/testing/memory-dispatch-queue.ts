import { DispatchQueue, LANES, laneOf, type Dispatch, type DispatchConsumer, type LaneDepth } from '@flow/instances';
import { PRIORITIES, type Clock } from '@flow/kernel';

/** The clock looks again after so long when nobody had room. */
const LOOK_MS = 100;
const AT_ONCE = 8;

/** What several processes share: dispatches in one memory. */
export class MemoryDispatches {
  readonly lanes = Array.from({ length: LANES }, () => new Map<string, Dispatch>());
  readonly wakes = new Set<() => void>();
}

export class MemoryDispatchQueue extends DispatchQueue {
  private stop: (() => Promise<void>) | undefined;

  constructor(
    private readonly shared: MemoryDispatches,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async offer(dispatch: Dispatch): Promise<boolean> {
    const lane = this.shared.lanes[laneOf(dispatch.domain)]!;
    const key = `${dispatch.id} ${dispatch.epoch}`;
    if (!lane.has(key)) lane.set(key, dispatch);
    for (const wake of this.shared.wakes) wake();
    return true;
  }

  override consume(consumer: DispatchConsumer): () => Promise<void> {
    const underWay = new Set<Promise<unknown>>();
    let next = 0;
    let isOver = false;
    let cancelTimer: (() => void) | undefined;
    const look = () => {
      cancelTimer?.();
      while (!isOver && underWay.size < AT_ONCE && consumer.hasRoom) {
        const dispatch = this.takeOne(next);
        if (!dispatch) break;
        next = (laneOf(dispatch.domain) + 1) % LANES;
        const taking = consumer
          .take(dispatch.id)
          .catch(() => undefined)
          .finally(() => {
            underWay.delete(taking);
            look();
          });
        underWay.add(taking);
      }
      if (!isOver) cancelTimer = this.clock.after(LOOK_MS, look);
    };
    this.shared.wakes.add(look);
    look();
    this.stop = async () => {
      isOver = true;
      cancelTimer?.();
      this.shared.wakes.delete(look);
      await Promise.all(underWay);
    };
    return this.stop;
  }

  override async depths(): Promise<readonly LaneDepth[]> {
    return this.shared.lanes.flatMap((dispatches, lane) => {
      const later = [...dispatches.values()].filter((dispatch) => !this.isDue(dispatch)).length;
      return dispatches.size > 0 ? [{ lane, waiting: dispatches.size - later, later }] : [];
    });
  }

  override async close(): Promise<void> {
    await this.stop?.();
  }

  private isDue({ at = 0 }: Dispatch): boolean {
    return at <= this.clock.now().getTime();
  }

  private takeOne(from: number): Dispatch | undefined {
    for (let i = 0; i < LANES; i += 1) {
      const lane = this.shared.lanes[(from + i) % LANES]!;
      const due = [...lane].filter(([, dispatch]) => this.isDue(dispatch));
      const urgent = Math.max(...due.map(([, { priority }]) => PRIORITIES.indexOf(priority)));
      const [key, dispatch] = due.find(([, { priority }]) => PRIORITIES.indexOf(priority) === urgent) ?? [];
      if (key !== undefined && lane.delete(key)) return dispatch;
    }
    return undefined;
  }
}
