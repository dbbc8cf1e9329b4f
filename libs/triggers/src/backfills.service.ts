import { demand, type Caller } from '@flow/auth';
import { InstanceHasEnded, type InstanceActions, type InstancesService } from '@flow/instances';
import type { Clock, TriggerId } from '@flow/kernel';
import { backfillFaults, backfillRange } from './backfill-range';
import type { Firing } from './firing';
import type { FiringStore } from './firing.store';
import type { Firings } from './firings';
import { scheduleOfTrigger } from './kinds/cron';
import type { Schedule } from './schedule';
import { BackfillNotFound, TriggerHasNoSchedule, TriggerInvalid } from './trigger.errors';
import { scheduledEvent } from './trigger-event';
import type { Trigger } from './trigger';
import type { TriggersService } from './triggers.service';

const FIRINGS_A_WRITE = 500;
const QUEUED_A_READ = 200;
export const MOST_PARALLEL = 100;

export interface BackfillRequest {
  readonly from: Date;
  readonly to: Date;
  /** Shows the times and starts nothing. */
  readonly dryRun?: boolean;
  /** Of its runs, so many at once; 1 when absent. */
  readonly maxParallel?: number;
}

/** The times of a range. */
export interface Backfill {
  /** Null of a dry run. */
  readonly id: string | null;
  readonly times: readonly Date[];
  /** Of them, so many are in an earlier backfill of the trigger, and are left out. */
  readonly standing: number;
}

/** Runs for times that are over: behind all fresh ones, so many at once, each time once however often it is asked for. */
export class BackfillsService {
  constructor(
    private readonly triggers: TriggersService,
    private readonly history: FiringStore,
    private readonly firings: Firings,
    private readonly instances: Pick<InstancesService, 'list'>,
    private readonly actions: Pick<InstanceActions, 'cancel'>,
    private readonly clock: Clock,
  ) {}

  /** Durable when it resolves. `id`: the same when it is asked again. @throws TriggerNotFound, TriggerHasNoSchedule, TriggerInvalid */
  async start(caller: Caller, triggerId: TriggerId, request: BackfillRequest, id: string): Promise<Backfill> {
    demand(caller, 'trigger.fire');
    const trigger = await this.triggers.find(caller, triggerId);
    const { times } = this.range(trigger, request);
    if (request.dryRun) return { id: null, times, standing: 0 };
    const groupId = `${id}:${request.maxParallel ?? 1}`;
    const decided = times.map((at) => this.decided(trigger, at, groupId));
    let standing = 0;
    for (let i = 0; i < decided.length; i += FIRINGS_A_WRITE) {
      const accepted = await this.firings.take(trigger, decided.slice(i, i + FIRINGS_A_WRITE));
      standing += accepted.filter(({ isNew }) => !isNew).length;
    }
    return { id: groupId, times, standing };
  }

  /** What has not started does not, what waits for its turn is cancelled; what runs goes on. Gives how many that were. @throws BackfillNotFound */
  async cancel(caller: Caller, triggerId: TriggerId, id: string): Promise<number> {
    demand(caller, 'trigger.fire');
    await this.triggers.find(caller, triggerId);
    const { domain } = caller;
    const known = await this.history.list(domain, { triggerId, groupId: id }, { limit: 1 });
    if (known.items.length === 0) throw new BackfillNotFound(id);
    const reason = { code: 'backfill.cancelled', message: `The backfill was cancelled by ${caller.principal}.` };
    const skipped = await this.history.skipGroup(domain, id, reason, this.clock.now());
    return skipped + (await this.cancelQueued(caller, id, reason.message));
  }

  private range(trigger: Trigger, { from, to, maxParallel = 1 }: BackfillRequest) {
    if (trigger.kind !== 'cron') throw new TriggerHasNoSchedule(trigger.id);
    const schedule: Schedule = scheduleOfTrigger(trigger);
    const isFuture = to > this.clock.now();
    const faults = [
      ...backfillFaults(schedule, from, to),
      ...(isFuture
        ? [
            {
              pointer: '/to',
              code: 'field.invalid',
              message: '"to" lies ahead: the schedule itself fires what is to come.',
            },
          ]
        : []),
      ...(maxParallel >= 1 && maxParallel <= MOST_PARALLEL
        ? []
        : [
            {
              pointer: '/maxParallel',
              code: 'field.invalid',
              message: `"maxParallel" is a whole number from 1 to ${MOST_PARALLEL}.`,
            },
          ]),
    ];
    if (faults.length > 0) throw new TriggerInvalid(faults);
    return backfillRange(schedule, from, to);
  }

  private decided(trigger: Trigger, at: Date, groupId: string): Firing {
    return this.firings.decide(trigger, {
      key: `backfill ${at.toISOString()}`,
      cause: 'backfill',
      at,
      event: scheduledEvent(trigger, at),
      groupId,
    });
  }

  private async cancelQueued(caller: Caller, id: string, reason: string): Promise<number> {
    const asSystem: Caller = {
      ...caller,
      permissions: new Set([...caller.permissions, 'instance.view', 'instance.cancel']),
    };
    let cancelled = 0;
    for (let cursor: string | undefined; ;) {
      const filter = { status: ['queued'] as const, label: { key: 'backfill', value: id } };
      const page = await this.instances.list(asSystem, filter, {
        limit: QUEUED_A_READ,
        ...(cursor !== undefined && { cursor }),
      });
      for (const { id: instance } of page.items)
        try {
          await this.actions.cancel(asSystem, instance, { reason });
          cancelled += 1;
        } catch (error) {
          if (!(error instanceof InstanceHasEnded)) throw error;
        }
      if (page.nextCursor === null) return cancelled;
      cursor = page.nextCursor;
    }
  }
}
