import { WorkerBell } from '@flow/instances';
import type { InstanceId, WorkerId } from '@flow/kernel';
import type { Door } from '../simulation/door';
import type { VirtualTime } from '../simulation/virtual-time';
import type { ClusterFaults } from './faults';

type OnRing = (instance: InstanceId) => void;

/** Rings between processes: late, twice, or never. */
export class Bells {
  private readonly listeners = new Map<WorkerId, OnRing>();

  constructor(
    private readonly time: VirtualTime,
    private readonly faults: ClusterFaults,
  ) {}

  ring(worker: WorkerId, instance: InstanceId): void {
    const { faults, time } = this;
    const times = faults.isCalm ? 1 : faults.int(0, 2);
    for (let i = 0; i < times; i += 1)
      time.after(faults.int(0, faults.isCalm ? 5 : 800), () => this.listeners.get(worker)?.(instance));
  }

  /** As one process has them. */
  behind(door: Door): WorkerBell {
    return new DoorBell(this, this.listeners, door);
  }
}

class DoorBell extends WorkerBell {
  constructor(
    private readonly bells: Bells,
    private readonly listeners: Map<WorkerId, OnRing>,
    private readonly door: Door,
  ) {
    super();
  }

  override ring(worker: WorkerId, instance: InstanceId): void {
    if (this.door.isOpen) this.bells.ring(worker, instance);
  }

  override listen(worker: WorkerId, onRing: OnRing): () => void {
    this.listeners.set(worker, (instance) => this.door.pass(() => onRing(instance)));
    return () => this.listeners.delete(worker);
  }
}
