import type { DagId, DomainId, JsonObject, TriggerId } from '@flow/kernel';
import type { OnFull } from '@flow/dags';

export type TriggerKind = 'manual' | 'form' | 'cron' | 'webhook' | 'event' | 'dag';
export const TRIGGER_KINDS = [
  'manual',
  'form',
  'cron',
  'webhook',
  'event',
  'dag',
] as const satisfies readonly TriggerKind[];

/** How many runs of one trigger go on at once, where its DAG has no `concurrency` of its own: that one holds for all of its runs. */
export interface TriggerConcurrency {
  readonly max: number;
  readonly onFull: OnFull;
}

/** What its author says of a trigger. */
export interface TriggerContent {
  /** For people; '' when there is none. */
  readonly name: string;
  /** What the kind needs: the table of kinds says what it may hold. */
  readonly config: JsonObject;
  /** The start's `data`: values with expressions that read `event` and `trigger`; the event's own data when null. */
  readonly input: JsonObject | null;
  /** An expression: what it is not true of starts nothing. */
  readonly filter: string | null;
  /** A text with expressions: of events with the same value one starts a run. */
  readonly dedupeKey: string | null;
  readonly concurrency: TriggerConcurrency | null;
}

/** Why a trigger was disabled by the service itself. */
export interface Disabled {
  readonly code: 'failures' | 'owner_revoked' | 'never_fires' | 'dag_deleted';
  readonly message: string;
}

/**
 * What starts runs of a DAG. It runs as itself (`principalOf`), never with somebody's token. A derived one is what the first step of its DAG
 * says: it follows the DAG and cannot be changed here.
 */
export interface Trigger extends TriggerContent {
  readonly id: TriggerId;
  readonly domain: DomainId;
  readonly dagId: DagId;
  readonly kind: TriggerKind;
  readonly derived: boolean;
  readonly enabled: boolean;
  readonly disabled: Disabled | null;
  /** By what it is found when something comes: a webhook's id, an event's source, the DAG that is listened to; '' else. */
  readonly lookup: string;
  /** Whoever made it; when they are revoked, it is disabled. */
  readonly owner: string;
  readonly createdAt: Date;
  readonly modifiedBy: string;
  readonly updatedAt: Date;
  /** Rises with every change of its author; the ETag is drawn from it. */
  readonly revision: number;
  /** Of schedules: the next time that is not decided yet. */
  readonly nextFireAt: Date | null;
  /** Runs in a row that failed. */
  readonly failures: number;
}

/** Whose name its runs carry. */
export function principalOf({ id }: Pick<Trigger, 'id'>): string {
  return `trigger:${id}`;
}
