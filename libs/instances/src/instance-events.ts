import { begunAt, type RunState } from '@flow/engine';
import { cloudEvent, type WaitingEvent } from '@flow/events';
import type { Instance, InstanceStatus } from './instance';

/** What has become of an instance's life, in the order in which it can within one transition. */
export type InstanceFactKind = 'started' | 'resumed' | 'paused' | 'cancelling' | 'ended';

/** Kept in the transition that makes it so. */
export interface InstanceFact {
  readonly kind: InstanceFactKind;
  readonly at: number;
}

/** What of a run's state is news when it changes. */
export interface LifeStage {
  readonly hasBegun: boolean;
  readonly isPaused: boolean;
  readonly isCancelling: boolean;
  readonly hasEnded: boolean;
}

export const NOT_BEGUN: LifeStage = { hasBegun: false, isPaused: false, isCancelling: false, hasEnded: false };

export function lifeOf(run: RunState): LifeStage {
  return {
    hasBegun: begunAt(run) !== undefined,
    isPaused: run.paused !== undefined,
    isCancelling: run.ending?.kind === 'cancelled',
    hasEnded: run.outcome !== undefined,
  };
}

/** The facts that lead from one to the other. `at`: when the last thing has happened to the run. */
export function factsBetween(before: LifeStage, after: LifeStage, run: RunState, at: number): readonly InstanceFact[] {
  const facts: InstanceFact[] = [];
  if (after.hasBegun && !before.hasBegun) facts.push({ kind: 'started', at: begunAt(run) ?? at });
  if (before.isPaused && !after.isPaused && !after.hasEnded) facts.push({ kind: 'resumed', at });
  if (after.isPaused && !before.isPaused && !after.hasEnded)
    facts.push({ kind: 'paused', at: run.paused?.since ?? at });
  if (after.isCancelling && !before.isCancelling) facts.push({ kind: 'cancelling', at });
  if (after.hasEnded && !before.hasEnded) facts.push({ kind: 'ended', at: run.outcome?.at ?? at });
  return facts;
}

/** What is told of an instance. Its input, its result and the data of its steps are not: whoever may read them asks for them. */
export interface InstanceEventData {
  readonly id: string;
  readonly businessDomain: string;
  readonly dagId: string;
  readonly version: string;
  readonly status: InstanceStatus;
  readonly priority: Instance['priority'];
  readonly labels: Instance['labels'];
  readonly trigger: Instance['trigger'];
  readonly attempt: number;
  readonly retryOf: string | null;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Why it failed or was cancelled. */
  readonly reason: InstanceEventReason | null;
}

export interface InstanceEventReason {
  readonly code: string;
  /** Cut off when it is long. */
  readonly message: string;
  readonly stepId: string | null;
  readonly path: string | null;
  readonly attempt: number | null;
}

const LONGEST_MESSAGE = 2_000;
/** A sequence that is compared as text is in the order of the numbers. */
const SEQ_DIGITS = 10;

/** What facts of a transition are told as. Ids rise with (seq, number): see `EventOutbox`. */
export function eventsOf(instance: Instance, seq: number, facts: readonly InstanceFact[]): readonly WaitingEvent[] {
  const { traceparent } = instance;
  return facts.map(({ kind, at }, number) => {
    const sequence = `${String(seq).padStart(SEQ_DIGITS, '0')}.${number}`;
    const event = cloudEvent<InstanceEventData>({
      id: `${instance.id}:${sequence}`,
      source: `/flow-automation/${encodeURIComponent(instance.domain)}`,
      type: `automation.instance.${kind}`,
      subject: instance.id,
      sequence,
      at,
      traceparent,
      data: dataOf(instance, kind),
    });
    const trace = traceparent === undefined ? {} : { traceparent };
    return { id: event.id, topic: 'instance.lifecycle', key: instance.id, at, body: JSON.stringify(event), ...trace };
  });
}

/** Of an instance that has started and ended in one transition the start is told as it was. */
function dataOf(instance: Instance, kind: InstanceFactKind): InstanceEventData {
  const { id, domain, dagId, version, priority, labels, trigger, attempt, retryOf, rootId, parentId } = instance;
  const { createdAt, startedAt } = instance;
  const isEnd = kind === 'ended';
  return {
    ...{ id, businessDomain: domain, dagId, version },
    status: isEnd ? instance.status : kind === 'paused' || kind === 'cancelling' ? kind : 'running',
    ...{ priority, labels, trigger, attempt, retryOf, rootId, parentId, createdAt, startedAt },
    endedAt: isEnd ? instance.endedAt : null,
    reason: isEnd ? reasonOf(instance) : null,
  };
}

function reasonOf({ reason }: Instance): InstanceEventReason | null {
  if (!reason) return null;
  const { code, message, stepId, path, attempt } = reason;
  return {
    code,
    message: message.slice(0, LONGEST_MESSAGE),
    stepId: stepId ?? null,
    path: path ?? null,
    attempt: attempt ?? null,
  };
}
