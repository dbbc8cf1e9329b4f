import type { RunEnd } from '@flow/instances';
import type { Clock, FiringId, TriggerId } from '@flow/kernel';
import type { Firings } from './firings';
import { pauseOnFailureOf } from './kinds/cron';
import { eventFor } from './trigger-event';
import type { Disabled, Trigger } from './trigger';
import type { TriggerStore } from './trigger.store';

const ATTEMPTS = 5;

/** Disables triggers whose runs fail time after time. */
export class FailurePause {
  constructor(
    private readonly store: TriggerStore,
    private readonly firings: Pick<Firings, 'accept'>,
    private readonly clock: Clock,
  ) {}

  /** An end that is told again counts once. One that was cancelled says nothing of the next. */
  async count({ firing, trigger: { id }, status, instance, at }: RunEnd): Promise<void> {
    if (firing === undefined || id === undefined || status === 'cancelled') return;
    const failures = await this.store.countEnd(id as TriggerId, firing as FiringId, status === 'failed');
    if (failures === undefined || failures === 0) return;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const [trigger] = await this.store.findMany([id as TriggerId]);
      const most = trigger && pauseOnFailureOf(trigger);
      // Whoever enables it again begins to count anew.
      if (!trigger?.enabled || most === undefined || trigger.failures < most) return;
      const disabled: Disabled = {
        code: 'failures',
        message: `Its last ${trigger.failures} runs have failed, the last one is ${instance} (pauseOnFailure: ${most}).`,
      };
      await this.firings.accept(trigger, [
        {
          key: `disabled after ${instance}`,
          cause: 'schedule',
          at: new Date(at),
          event: eventFor(trigger, {
            id: instance,
            type: 'automation.trigger.disabled',
            time: new Date(at),
            data: { instanceId: instance, failures: trigger.failures },
          }),
          skipped: { code: 'trigger.disabled', message: disabled.message },
        },
      ]);
      if (await this.store.replace(this.without(trigger, disabled), trigger.revision)) return;
    }
    throw new Error(`Trigger ${id} changes faster than it can be disabled.`);
  }

  private without(trigger: Trigger, disabled: Disabled): Trigger {
    const { revision } = trigger;
    const by = { modifiedBy: 'system', updatedAt: this.clock.now() };
    return { ...trigger, ...by, enabled: false, disabled, nextFireAt: null, revision: revision + 1 };
  }
}
