import { AppError, type Clock, type Json } from '@flow/kernel';
import { hasEnded, type Instance, type InstancesService } from '@flow/instances';
import type { Firing } from '../firing';
import type { FiringOutcome } from '../firing.store';
import type { Trigger } from '../trigger';
import { scopeOf } from '../trigger-expressions';
import type { HookRules } from './hook-config';
import { HookAnswerFailed, HookNotStarted, HookRunFailed } from './hook.errors';

export interface HookAnswer {
  readonly status: number;
  /** Undefined for none. */
  readonly body: Json | undefined;
}

/** More at a time are told that they were taken, and do not wait. */
const MOST_WAITING = 1_000;

/** What callers of hooks hear when they want more than that their call was taken. */
export class HookAnswers {
  private waiting = 0;

  constructor(
    private readonly instances: Pick<InstancesService, 'endOf' | 'resultOf'>,
    private readonly clock: Clock,
  ) {}

  /** @throws HookNotStarted, HookRunFailed, HookAnswerFailed */
  async of(
    trigger: Trigger,
    firing: Firing,
    outcome: Promise<FiringOutcome> | undefined,
    waits: HookRules['waits'],
  ): Promise<HookAnswer> {
    const taken = { status: 202, body: { id: firing.id } };
    if (!waits || this.waiting >= MOST_WAITING) return taken;
    this.waiting += 1;
    try {
      const untilMs = this.clock.monotonicMs() + waits.ms;
      const { status, reason, instanceId } = (outcome && (await this.within(outcome, waits.ms))) ?? firing;
      if (status === 'dead' || status === 'failed' || (outcome && status === 'skipped'))
        throw new HookNotStarted(reason?.code ?? status);
      if (instanceId === null || status === 'pending') return taken;
      const instance = await this.instances.endOf(trigger.domain, instanceId, untilMs - this.clock.monotonicMs());
      return instance && hasEnded(instance.status) ? await this.mapped(trigger, firing, instance, waits) : taken;
    } finally {
      this.waiting -= 1;
    }
  }

  private async mapped(
    trigger: Trigger,
    { event }: Firing,
    instance: Instance,
    { status, body }: NonNullable<HookRules['waits']>,
  ): Promise<HookAnswer> {
    if (typeof status === 'number' && instance.status !== 'succeeded') throw new HookRunFailed(instance.status);
    try {
      const result = await this.instances.resultOf(instance);
      const scope = scopeOf(trigger, event, { result, status: instance.status });
      const said = typeof status === 'number' ? status : status.evaluate(scope);
      if (!(typeof said === 'number' && Number.isInteger(said) && said >= 200 && said <= 599))
        throw new HookAnswerFailed('its status is no whole number from 200 to 599.');
      const shown = body ? body.evaluate(scope) : result;
      return { status: said, body: said === 204 || said === 304 ? undefined : shown };
    } catch (error) {
      if (error instanceof HookAnswerFailed || !(error instanceof AppError)) throw error;
      throw new HookAnswerFailed(error.message);
    }
  }

  private async within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(ms, () => resolve(undefined));
      void promise.then((value) => {
        cancel();
        resolve(value);
      });
    });
  }
}
