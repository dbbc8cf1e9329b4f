import { MemoryRateMeter, type Clock, type IdGenerator } from '@flow/kernel';
import type { FiringReason } from '../firing';
import type { Firings } from '../firings';
import type { Trigger } from '../trigger';
import { eventFor } from '../trigger-event';

/** Of one trigger and one reason; more calls are counted and told with the next note. */
const NOTES = { max: 6, perMs: 3_600_000, burst: 3 };
const MOST_COUNTED = 10_000;

export interface RefusalEvents {
  onRefused(code: string): void;
  onFault(error: unknown): void;
}

/** Tells the owners of hooks that calls were refused: a counter, and in the history a note now and then. Nothing of a call is kept. */
export class HookRefusals {
  private readonly meter: MemoryRateMeter;
  private readonly untold = new Map<string, number>();

  constructor(
    private readonly firings: Pick<Firings, 'accept'>,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly events: RefusalEvents,
  ) {
    this.meter = new MemoryRateMeter(clock);
  }

  async note(trigger: Trigger, { code, message }: FiringReason): Promise<void> {
    this.events.onRefused(code);
    const name = `${trigger.id} ${code}`;
    const calls = (this.untold.get(name) ?? 0) + 1;
    this.untold.delete(name);
    if (!this.meter.take(name, NOTES).isWithin) {
      this.untold.set(name, calls);
      for (const oldest of this.untold.keys()) {
        if (this.untold.size <= MOST_COUNTED) break;
        this.untold.delete(oldest);
      }
      return;
    }
    const at = this.clock.now();
    const id = this.ids.next<string>();
    const event = eventFor(trigger, { id, type: 'automation.hook.refused', time: at, data: { calls } });
    const skipped = { code, message: calls === 1 ? message : `${message} ${calls} calls since the last note.` };
    try {
      await this.firings.accept(trigger, [{ key: `refused ${id}`, cause: 'webhook', at, event, skipped }]);
    } catch (error) {
      this.events.onFault(error);
    }
  }
}
