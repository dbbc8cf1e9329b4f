import type { Clock, InstanceId } from '@flow/kernel';
import type { Instance } from './instance';

type Told = (instance: Instance | undefined) => void;

/** Who waits for the ends of runs, whoever holds those by then. */
export class EndWaiters {
  private readonly waiters = new Map<InstanceId, readonly Told[]>();

  constructor(private readonly clock: Clock) {}

  /** Resolves with what is told about the run, or with undefined when the time is over first. */
  wait(id: InstanceId, withinMs: number): Promise<Instance | undefined> {
    return new Promise((resolve) => {
      const cancelTimer = this.clock.after(withinMs, () => told(undefined));
      const told: Told = (instance) => {
        cancelTimer();
        const others = (this.waiters.get(id) ?? []).filter((other) => other !== told);
        if (others.length > 0) this.waiters.set(id, others);
        else this.waiters.delete(id);
        resolve(instance);
      };
      this.waiters.set(id, [...(this.waiters.get(id) ?? []), told]);
    });
  }

  /** The run has ended, or will not be heard of here any more. */
  tell(id: InstanceId, instance: Instance | undefined): void {
    for (const told of this.waiters.get(id) ?? []) told(instance);
  }

  /** Nothing is heard of any run any more. */
  giveUp(): void {
    for (const id of [...this.waiters.keys()]) this.tell(id, undefined);
  }
}
