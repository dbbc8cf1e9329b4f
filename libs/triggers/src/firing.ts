import { createHash } from 'node:crypto';
import {
  idFrom,
  type DagId,
  type DomainId,
  type FiringId,
  type InstanceId,
  type JsonObject,
  type TriggerId,
} from '@flow/kernel';

/**
 * ```
 * gathering ─→ batched                              (its batch is a firing of its own)
 * pending ─→ fired | skipped | failed | dead        (tried again while something is away)
 * dead ─→ pending                                   (redriven)
 * skipped, deduplicated, dead                       (decided when it came)
 * ```
 */
export type FiringStatus =
  'gathering' | 'batched' | 'pending' | 'fired' | 'skipped' | 'deduplicated' | 'failed' | 'dead';
export const FIRING_STATUSES = [
  'gathering',
  'batched',
  'pending',
  'fired',
  'skipped',
  'deduplicated',
  'failed',
  'dead',
] as const satisfies readonly FiringStatus[];

export type FiringCause = 'schedule' | 'backfill' | 'manual' | 'form' | 'webhook' | 'event' | 'dag' | 'batch';

export interface FiringReason {
  readonly code: string;
  readonly message: string;
}

/**
 * One thing that a trigger had to decide: what came, and what came of it. It is durable before whoever sent it hears that it was taken; the id of its
 * run follows from its own, so that carrying it out again starts nothing twice.
 */
export interface Firing {
  readonly id: FiringId;
  readonly triggerId: TriggerId;
  readonly domain: DomainId;
  readonly dagId: DagId;
  /** The only one of its trigger: the fire time, the message's place, the event's id, or what `dedupeKey` came to. */
  readonly key: string;
  readonly cause: FiringCause;
  /** When it was due, or when it came. */
  readonly at: Date;
  /** The CloudEvent that expressions see as `event`. */
  readonly event: JsonObject;
  /** Those with the same one start in the order in which they came; '' for no order. */
  readonly orderKey: string;
  /** The backfill or the batch that it belongs to; '' for none. */
  readonly groupId: string;
  readonly status: FiringStatus;
  readonly reason: FiringReason | null;
  readonly instanceId: InstanceId | null;
  /** How often it was tried. */
  readonly attempts: number;
  /** Of a pending one: not before. Of a gathering one: its batch is complete then at the latest. */
  readonly dueAt: Date;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** The id of the run that a firing starts. */
export function runOf({ id }: Pick<Firing, 'id'>): InstanceId {
  return idFrom(id, createHash('sha256').update(id).digest());
}
