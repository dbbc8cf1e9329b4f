import { createHash } from 'node:crypto';
import { triggerOf, type Dag } from '@flow/dags';
import {
  canonicalJson,
  idFrom,
  type Clock,
  type DagId,
  type DomainId,
  type JsonObject,
  type Random,
  type TriggerId,
} from '@flow/kernel';
import { freshHookId } from './hooks/hook-address';
import { KINDS } from './kinds';
import type { RunEndFirings } from './run-end-firings';
import type { Scheduler } from './scheduler';
import { TRIGGER_KINDS, type Disabled, type Trigger, type TriggerKind } from './trigger';
import type { TriggerStore } from './trigger.store';

const ATTEMPTS = 5;
const GONE: Disabled = { code: 'dag_deleted', message: 'Its DAG was deleted.' };

/** Keeps the triggers of DAGs to what the DAGs say: the derived one follows the first step, all of them go with their DAG. */
export class TriggerRegistrar {
  constructor(
    private readonly store: TriggerStore,
    private readonly scheduler: Pick<Scheduler, 'wake'>,
    private readonly ends: Pick<RunEndFirings, 'changed'>,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** The DAG stands as it is given; asked again it changes nothing. */
  async follow(dag: Dag): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const followed = await this.followOnce(dag);
      if (!followed) continue;
      if (followed === 'same') return;
      // It stands by now: a look that came before the write would have found nothing.
      this.scheduler.wake();
      await this.ends.changed(followed);
      return;
    }
    throw new Error(`The trigger of DAG ${dag.id} changes faster than it can be followed.`);
  }

  /** The DAG is deleted: its triggers are disabled, and their history stays. */
  async gone(domain: DomainId, dagId: DagId, by: string): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) if (await this.disableAll(domain, dagId, by)) return;
    throw new Error(`The triggers of DAG ${dagId} change faster than they can be disabled.`);
  }

  /** False when somebody else was faster with one of them. */
  private async disableAll(domain: DomainId, dagId: DagId, by: string): Promise<boolean> {
    const standing = (await this.store.ofDag(domain, dagId)).filter(({ disabled }) => disabled?.code !== GONE.code);
    let isDone = true;
    for (const trigger of standing) {
      const next = { ...this.changed(trigger, by), enabled: false, disabled: GONE, nextFireAt: null };
      if (!(await this.store.replace(next, trigger.revision))) isDone = false;
    }
    return isDone;
  }

  /** The trigger as it is now; undefined when somebody else was faster. */
  private async followOnce(dag: Dag): Promise<Trigger | 'same' | undefined> {
    const kind = triggerOf(dag) as TriggerKind;
    const isKnown = TRIGGER_KINDS.includes(kind);
    const id = derivedIdOf(dag.id);
    const standing = await this.store.find(dag.domain, id);
    if (!isKnown) return !standing || (await this.store.remove(dag.domain, id)) ? 'same' : undefined;
    const config = kind === 'form' || kind === 'manual' ? {} : (dag.steps[0]?.parameters ?? {});
    if (standing?.kind === kind && canonicalJson(standing.config) === canonicalJson(config)) return 'same';
    if (!standing) {
      const made = this.ready(this.derived(dag, id, kind, config), undefined);
      return (await this.store.add(made)) ? made : undefined;
    }
    const changed = { ...this.changed(standing, dag.modifiedBy), kind, config };
    const next = this.ready(changed, standing.kind === kind ? standing.lookup : undefined);
    return (await this.store.replace(next, standing.revision)) ? next : undefined;
  }

  private derived(
    { domain, id: dagId, createdBy }: Dag,
    id: TriggerId,
    kind: TriggerKind,
    config: JsonObject,
  ): Trigger {
    const now = this.clock.now();
    return {
      id,
      domain,
      dagId,
      kind,
      name: '',
      config,
      input: null,
      filter: null,
      dedupeKey: null,
      concurrency: null,
      derived: true,
      enabled: true,
      disabled: null,
      lookup: '',
      owner: createdBy,
      createdAt: now,
      modifiedBy: createdBy,
      updatedAt: now,
      revision: 1,
      nextFireAt: null,
      failures: 0,
    };
  }

  private changed(trigger: Trigger, by: string): Trigger {
    return { ...trigger, modifiedBy: by, updatedAt: this.clock.now(), revision: trigger.revision + 1 };
  }

  /** With what its kind makes of its config. */
  private ready(trigger: Trigger, lookup: string | undefined): Trigger {
    const rules = KINDS[trigger.kind];
    const fresh = () => freshHookId(this.random);
    return {
      ...trigger,
      concurrency: rules.concurrency?.(trigger.config) ?? null,
      lookup: rules.lookup?.(trigger.config, { standing: lookup, fresh, domain: trigger.domain }) ?? '',
      nextFireAt: trigger.enabled ? (rules.nextFireAt?.(trigger, this.clock.now()) ?? null) : null,
    };
  }
}

/** A DAG has one first step, and one trigger of it. */
export function derivedIdOf(dagId: DagId): TriggerId {
  return idFrom(dagId, createHash('sha256').update(`${dagId} first step`).digest());
}
