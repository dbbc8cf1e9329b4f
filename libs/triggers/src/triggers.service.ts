import { demand, type Caller } from '@flow/auth';
import { DagNotFound, type Dag, type DagStore } from '@flow/dags';
import {
  type Fault,
  type Clock,
  type DagId,
  type DomainId,
  type FiringId,
  type IdGenerator,
  type JsonObject,
  type Page,
  type PageRequest,
  type Random,
  type TriggerId,
} from '@flow/kernel';
import {
  FiringNotFound,
  TriggerDerived,
  TriggerHasNoSchedule,
  TriggerInvalid,
  TriggerNotFound,
  TriggerStale,
  TriggersTooMany,
} from './trigger.errors';
import type { Firing, FiringReason } from './firing';
import type { FiringFilter, FiringStore } from './firing.store';
import type { Firings } from './firings';
import { NO_TOPICS, type EventTopics } from './event-topics';
import { freshHookId, type HookAddress, type HookAddresses } from './hooks/hook-address';
import { TriggerHasNoHook } from './hooks/hook.errors';
import { KINDS } from './kinds';
import { describe } from './schedule-description';
import { preview, type PreviewItem } from './schedule-preview';
import { scheduleOfTrigger } from './kinds/cron';
import { listenedDag } from './kinds/dag';
import { eventConfig } from './kinds/event';
import type { RunEndFirings } from './run-end-firings';
import type { Scheduler } from './scheduler';
import type { TriggerLoops } from './trigger-loops';
import { triggerFaults, type SentTrigger } from './trigger-check';
import { eventFor } from './trigger-event';
import type { Trigger } from './trigger';
import type { TriggerFilter, TriggerStore } from './trigger.store';

export const MOST_OF_DAG = 100;
export const MOST_PREVIEWED = 100;
const SHOWN_UPCOMING = 200;
/** A firing by hand is told with what came of it, when that comes about so soon. */
const WAITS_FOR_OUTCOME_MS = 5_000;

/** Of a schedule that is only looked at. */
const NO_DAG: Pick<Dag, 'id' | 'concurrency'> = { id: '' as DagId };

/** A trigger as people see it. */
export interface ShownTrigger extends Trigger {
  readonly lastFiredAt: Date | null;
  /** What keeps it from hearing of anything now; not looked for in lists. */
  readonly problem: FiringReason | null;
  /** Of a webhook, for those who may view triggers. */
  readonly hook: HookAddress | undefined;
}

/** Triggers of DAGs: made, changed, switched, fired by hand, looked at. */
export class TriggersService {
  constructor(
    private readonly store: TriggerStore,
    private readonly history: FiringStore,
    private readonly firings: Firings,
    private readonly scheduler: Pick<Scheduler, 'wake'>,
    private readonly ends: Pick<RunEndFirings, 'changed'>,
    private readonly loops: TriggerLoops,
    private readonly dags: DagStore,
    private readonly hooks: HookAddresses,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly random: Random,
    private readonly topics: EventTopics = NO_TOPICS,
  ) {}

  /** With an `id` a repeat gives the trigger that the first one made. @throws DagNotFound, TriggerInvalid, TriggersTooMany */
  async create(
    caller: Caller,
    dagId: DagId,
    sent: SentTrigger,
    options: { readonly id?: string } = {},
  ): Promise<ShownTrigger> {
    demand(caller, 'trigger.manage');
    const { domain, principal } = caller;
    const dag = await this.dag(caller, dagId);
    const now = this.clock.now();
    refuse(triggerFaults(sent, { dag, createdAt: now, now, topics: this.topics }));
    const id = (options.id ?? this.ids.next()) as TriggerId;
    const standing = await this.store.find(domain, id);
    if (standing) return this.shown(caller, standing);
    if ((await this.store.ofDag(domain, dagId)).length >= MOST_OF_DAG) throw new TriggersTooMany(MOST_OF_DAG);
    const trigger: Trigger = {
      id,
      domain,
      dagId,
      kind: sent.kind,
      ...contentOf(sent),
      derived: false,
      enabled: sent.enabled ?? true,
      disabled: null,
      lookup: this.lookupOf(domain, sent, undefined),
      owner: principal,
      createdAt: now,
      modifiedBy: principal,
      updatedAt: now,
      revision: 1,
      nextFireAt: null,
      failures: 0,
    };
    const ready = { ...trigger, nextFireAt: this.nextFireAt(trigger, now) };
    await this.refuseLoop(ready);
    await this.store.add(ready);
    this.scheduler.wake();
    await this.ends.changed(ready);
    return this.shown(caller, ready);
  }

  /** @throws TriggerNotFound */
  async get(caller: Caller, id: TriggerId): Promise<ShownTrigger> {
    demand(caller, 'trigger.view');
    return this.shown(caller, await this.find(caller, id));
  }

  /** @throws DagNotFound */
  async list(caller: Caller, filter: TriggerFilter, page: PageRequest): Promise<Page<ShownTrigger>> {
    demand(caller, 'trigger.view');
    if (filter.dagId !== undefined) await this.dag(caller, filter.dagId);
    const found = await this.store.list(caller.domain, filter, page);
    return { ...found, items: await this.shownAll(caller, found.items) };
  }

  /** Schedules of the domain by when they fire next. */
  async upcoming(caller: Caller, limit = SHOWN_UPCOMING): Promise<readonly ShownTrigger[]> {
    demand(caller, 'trigger.view');
    return this.shownAll(caller, await this.store.upcoming(caller.domain, Math.min(limit, SHOWN_UPCOMING)));
  }

  /** @throws TriggerNotFound, TriggerDerived, TriggerInvalid, TriggerStale */
  async replace(caller: Caller, id: TriggerId, sent: SentTrigger, ifRevision?: number): Promise<ShownTrigger> {
    demand(caller, 'trigger.manage');
    const standing = await this.find(caller, id);
    if (standing.derived) throw new TriggerDerived(id);
    if (ifRevision !== undefined && ifRevision !== standing.revision) throw new TriggerStale(id);
    const dag = await this.dag(caller, standing.dagId);
    const now = this.clock.now();
    const faults = triggerFaults(sent, { dag, createdAt: standing.createdAt, now, topics: this.topics });
    if (sent.kind !== standing.kind)
      faults.push({
        pointer: '/kind',
        code: 'trigger.kind_fixed',
        message: `The kind stays ${standing.kind}: make another trigger.`,
      });
    refuse(faults);
    const next = {
      ...standing,
      ...contentOf(sent),
      lookup: this.lookupOf(caller.domain, sent, standing.lookup),
      enabled: sent.enabled ?? standing.enabled,
    };
    return this.change(caller, standing, next);
  }

  /** @throws TriggerNotFound, TriggerDerived */
  async remove(caller: Caller, id: TriggerId): Promise<void> {
    demand(caller, 'trigger.manage');
    if ((await this.find(caller, id)).derived) throw new TriggerDerived(id);
    await this.store.remove(caller.domain, id);
  }

  /** Also a derived one: its DAG keeps its first step. @throws TriggerNotFound, TriggerStale */
  async setEnabled(caller: Caller, id: TriggerId, enabled: boolean): Promise<ShownTrigger> {
    demand(caller, 'trigger.manage');
    const standing = await this.find(caller, id);
    if (standing.enabled === enabled) return this.shown(caller, standing);
    return this.change(caller, standing, { ...standing, enabled });
  }

  /** As if something had come for it now; `key` is the same when it is asked again. Gives what came of it, or how it stands by then. */
  async fire(caller: Caller, id: TriggerId, data: JsonObject | undefined, key: string): Promise<Firing> {
    demand(caller, 'trigger.fire');
    const trigger = await this.find(caller, id);
    const at = this.clock.now();
    const event = eventFor(trigger, {
      id: key,
      type: 'automation.trigger.fired_by_hand',
      time: at,
      data: data ?? (trigger.kind === 'cron' ? { scheduledAt: at.toISOString() } : {}),
      more: { subject: caller.principal },
    });
    const [accepted] = await this.firings.accept(trigger, [{ key: `manual ${key}`, cause: 'manual', at, event }]);
    await this.within(accepted?.outcome, WAITS_FOR_OUTCOME_MS);
    const standing = await this.history.findKey(trigger.id, `manual ${key}`);
    if (!standing) throw new FiringNotFound(key as FiringId);
    return standing;
  }

  /** @throws TriggerNotFound, TriggerHasNoSchedule */
  async preview(caller: Caller, id: TriggerId, n: number): Promise<readonly PreviewItem[]> {
    demand(caller, 'trigger.view');
    const trigger = await this.find(caller, id);
    if (trigger.kind !== 'cron') throw new TriggerHasNoSchedule(id);
    return preview(scheduleOfTrigger(trigger), this.clock.now(), n);
  }

  /** The same of a schedule that is not made yet, with the schedule in words. @throws TriggerInvalid */
  previewConfig(caller: Caller, config: JsonObject, n: number) {
    demand(caller, 'trigger.view');
    const now = this.clock.now();
    const faults = triggerFaults({ kind: 'cron', config }, { dag: NO_DAG, createdAt: now, now });
    refuse(faults);
    const schedule = scheduleOfTrigger({ config, createdAt: now });
    return { description: describe(schedule), items: preview(schedule, now, n) };
  }

  /** @throws TriggerNotFound */
  async firingsOf(
    caller: Caller,
    id: TriggerId,
    filter: Omit<FiringFilter, 'triggerId'>,
    page: PageRequest,
  ): Promise<Page<Firing>> {
    demand(caller, 'trigger.view');
    await this.find(caller, id);
    return this.history.list(caller.domain, { ...filter, triggerId: id }, page);
  }

  /** All triggers of a principal of this domain stop; gives how many. */
  async revokeOwner(caller: Caller, owner: string): Promise<number> {
    demand(caller, 'platform.admin');
    return this.store.disableOf(caller.domain, owner, { principal: caller.principal, at: this.clock.now() });
  }

  /** For those who work with a trigger of a caller. @throws TriggerNotFound */
  async find(caller: Caller, id: TriggerId): Promise<Trigger> {
    const trigger = await this.store.find(caller.domain, id);
    if (!trigger) throw new TriggerNotFound(id);
    return trigger;
  }

  /** A webhook gets another address; the one that it had serves no more. @throws TriggerNotFound, TriggerHasNoHook, TriggerStale */
  async rotateHook(caller: Caller, id: TriggerId): Promise<ShownTrigger> {
    demand(caller, 'trigger.manage');
    const standing = await this.find(caller, id);
    if (standing.kind !== 'webhook') throw new TriggerHasNoHook(id);
    return this.change(caller, standing, { ...standing, lookup: this.lookupOf(caller.domain, standing, undefined) });
  }

  private async change(caller: Caller, standing: Trigger, changed: Trigger): Promise<ShownTrigger> {
    const now = this.clock.now();
    const isBack = changed.enabled && !standing.enabled;
    const next: Trigger = {
      ...changed,
      ...(isBack && { disabled: null, failures: 0 }),
      modifiedBy: caller.principal,
      updatedAt: now,
      revision: standing.revision + 1,
      nextFireAt: this.nextFireAt(changed, now),
    };
    const listensAnew = next.enabled && (isBack || next.lookup !== standing.lookup);
    if (listensAnew) await this.refuseLoop(next);
    if (!(await this.store.replace(next, standing.revision))) {
      await this.find(caller, standing.id);
      throw new TriggerStale(standing.id);
    }
    this.scheduler.wake();
    if (listensAnew) await this.ends.changed(next);
    return this.shown(caller, next);
  }

  private async refuseLoop({ domain, dagId, kind, enabled, config, derived }: Trigger): Promise<void> {
    if (kind !== 'dag' || !enabled) return;
    const pointer = derived ? '' : '/config/dagId';
    refuse(await this.loops.ofTrigger(domain, dagId, listenedDag(config) as DagId, pointer));
  }

  private nextFireAt(trigger: Trigger, now: Date): Date | null {
    return trigger.enabled ? (KINDS[trigger.kind].nextFireAt?.(trigger, now) ?? null) : null;
  }

  private lookupOf(domain: DomainId, { kind, config = {} }: SentTrigger, standing: string | undefined): string {
    const fresh = () => freshHookId(this.random);
    return KINDS[kind].lookup?.(config, { standing, fresh, domain }) ?? '';
  }

  private async dag(caller: Caller, dagId: DagId): Promise<Dag> {
    const dag = await this.dags.find(caller.domain, dagId);
    if (!dag) throw new DagNotFound(dagId);
    return dag;
  }

  private async shown(caller: Caller, trigger: Trigger): Promise<ShownTrigger> {
    const [shown] = await this.shownAll(caller, [trigger]);
    return { ...(shown as ShownTrigger), problem: await this.problemOf(trigger) };
  }

  private async problemOf({ kind, config }: Trigger): Promise<FiringReason | null> {
    const { source, topic } = eventConfig(config);
    return kind === 'event' && source === 'kafka' && topic !== undefined ? this.topics.problemOf(topic) : null;
  }

  private async shownAll(caller: Caller, triggers: readonly Trigger[]): Promise<ShownTrigger[]> {
    const last = await this.history.lastFired(triggers.map(({ id }) => id));
    const mayView = caller.permissions.has('trigger.view');
    return triggers.map((trigger) => ({
      ...trigger,
      lastFiredAt: last.get(trigger.id) ?? null,
      problem: null,
      hook: mayView ? this.hooks.of(trigger) : undefined,
    }));
  }

  private async within(outcome: Promise<unknown> | undefined, ms: number): Promise<void> {
    if (!outcome) return;
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(ms, resolve);
      void outcome.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

function contentOf({
  kind,
  name = '',
  config = {},
  input = null,
  filter = null,
  dedupeKey = null,
  concurrency = null,
}: SentTrigger) {
  return {
    name,
    config,
    input,
    filter,
    dedupeKey,
    concurrency: concurrency ?? KINDS[kind].concurrency?.(config) ?? null,
  };
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new TriggerInvalid(faults);
}
