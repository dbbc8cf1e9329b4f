import type { ConcurrencyLimit } from '@flow/dags';
import type { RunEvent } from '@flow/engine';
import type { InstanceId } from '@flow/kernel';
import type { Creation } from './creation';
import type { Instance } from './instance';
import type { Wish } from './runner';
import type { SlotGroup, SlotWaiter } from './slot';
import type { SlotWait } from './slot-wait';

/** Who gives out the slots of DAGs with `concurrency` (`slot.ts`). */
export interface SlotKeeper {
  /**
   * Starts an instance: `begin` is called once, with whether it has to wait for a slot, and what it gives is durable.
   * @throws ConcurrencyFull, and what `begin` throws: then nothing of it stays
   */
  start(
    where: SlotGroup,
    limit: ConcurrencyLimit,
    waiter: SlotWaiter,
    begin: (queued: boolean) => Promise<Instance>,
  ): Promise<Instance>;

  /** The end of an instance is durable. */
  ended(id: InstanceId, creation: Pick<Creation, 'domain' | 'dagId' | 'slot'>): void;

  /** Takes up what waits in the rows, and looks through it from time to time. */
  resume(): Promise<void>;

  /** Nothing begins any more; the rows keep who waits. */
  stop(): void;

  /** What a queued instance waits for. */
  waitOf(instance: Instance): Promise<SlotWait | undefined>;
}

/** What slots need of the runner. */
export interface SlotRunner {
  reach(id: InstanceId): Promise<boolean>;
  tell(id: InstanceId, event: (at: number) => RunEvent, wish?: Wish): Promise<Instance | undefined>;
  readonly hasRoom: boolean;
}
