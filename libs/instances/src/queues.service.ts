import { demand, type Caller } from '@flow/auth';
import type { DeliveryStore } from '@flow/deliveries';
import type { DispatchQueue, LaneDepth } from './dispatch-queue';
import type { SlotStore } from './slot.store';

/** What waits in this installation, and for what. */
export interface QueuesView {
  /** Runs that wait for a process with room; null where one process does everything. */
  readonly dispatch: { readonly waiting: number; readonly later: number; readonly lanes: readonly LaneDepth[] } | null;
  /** Instances that wait for a slot of their DAG. */
  readonly slots: { readonly waiting: number };
  /** Callbacks that wait to be taken, and those that were given up. */
  readonly callbacks: { readonly pending: number; readonly dead: number };
}

/** What waits, for the people who look after it. */
export class QueuesService {
  constructor(
    private readonly dispatch: DispatchQueue | undefined,
    private readonly slots: SlotStore,
    private readonly deliveries: DeliveryStore,
  ) {}

  async view(caller: Caller): Promise<QueuesView> {
    demand(caller, 'platform.admin');
    const lanes = await this.dispatch?.depths();
    const sum = (of: 'waiting' | 'later') => (lanes ?? []).reduce((total, lane) => total + lane[of], 0);
    return {
      dispatch: lanes ? { waiting: sum('waiting'), later: sum('later'), lanes } : null,
      slots: { waiting: await this.slots.waiting() },
      callbacks: await this.deliveries.counts(),
    };
  }
}
