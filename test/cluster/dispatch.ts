import { DispatchQueue, type Dispatch, type DispatchConsumer } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import type { Door } from '../simulation/door';
import type { VirtualTime } from '../simulation/virtual-time';
import type { ClusterFaults } from './faults';

const NOBODY_HAS_ROOM_MS = 100;

/** A queue between processes that refuses, brings late, twice or never, and sometimes to who has just died. */
export class Dispatches {
  private readonly consumers = new Map<Door, DispatchConsumer>();
  /** What was taken by this queue, and what it brought to somebody. */
  offered = 0;
  brought = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly faults: ClusterFaults,
  ) {}

  offer({ id, at = 0 }: Dispatch): boolean {
    const { faults, time } = this;
    if (!faults.isCalm && faults.is(0.1)) return false;
    this.offered += 1;
    const times = faults.isCalm ? 1 : faults.int(0, 2);
    for (let i = 0; i < times; i += 1)
      time.after(Math.max(at - time.nowMs, 0) + faults.int(0, faults.isCalm ? 5 : 800), () => this.bring(id));
    return true;
  }

  /** As one process has it. */
  behind(door: Door): DispatchQueue {
    return new DoorDispatchQueue(this, this.consumers, door);
  }

  private bring(id: InstanceId): void {
    for (const door of this.consumers.keys()) if (!door.isOpen) this.consumers.delete(door);
    const free = [...this.consumers].filter(([, consumer]) => consumer.hasRoom);
    const [door, consumer] = free[this.faults.int(0, free.length - 1)] ?? [];
    if (!door || !consumer) {
      this.time.after(NOBODY_HAS_ROOM_MS, () => this.bring(id));
      return;
    }
    this.brought += 1;
    door.pass(() => void consumer.take(id).catch(() => undefined));
  }
}

class DoorDispatchQueue extends DispatchQueue {
  constructor(
    private readonly dispatches: Dispatches,
    private readonly consumers: Map<Door, DispatchConsumer>,
    private readonly door: Door,
  ) {
    super();
  }

  override async offer(dispatch: Dispatch): Promise<boolean> {
    return this.door.ask('dispatch.offer', false, async () => this.dispatches.offer(dispatch)).catch(() => false);
  }

  override consume(consumer: DispatchConsumer): () => Promise<void> {
    this.consumers.set(this.door, consumer);
    return async () => {
      this.consumers.delete(this.door);
    };
  }

  override async depths() {
    return [];
  }

  override async close(): Promise<void> {
    this.consumers.delete(this.door);
  }
}
