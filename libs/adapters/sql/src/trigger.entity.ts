import type { Firing, Trigger, TriggerContent } from '@flow/triggers';
import { json, text, time, type Entity } from './entity';

/** What the author says stands together: nothing is looked for in it. */
export type TriggerRow = Omit<Trigger, keyof TriggerContent | 'enabled' | 'derived'> & {
  readonly content: object;
  readonly enabled: number;
  readonly derived: number;
  /** Whoever decided of its last time: tells who of two was first. */
  readonly decidedBy: string;
};

export const TRIGGERS: Entity<TriggerRow> = {
  name: 'trigger',
  tableName: 'triggers',
  columns: {
    id: text(64, { primary: true }),
    domain: text(64),
    dagId: text(64, { name: 'dag_id' }),
    kind: text(16),
    lookup: text(255),
    content: json(),
    derived: { type: 'int' },
    enabled: { type: 'int' },
    disabled: json({ nullable: true }),
    owner: text(255),
    createdAt: time({ name: 'created_at' }),
    modifiedBy: text(255, { name: 'modified_by' }),
    updatedAt: time({ name: 'updated_at' }),
    revision: { type: 'int' },
    nextFireAt: time({ name: 'next_fire_at', nullable: true }),
    failures: { type: 'int' },
    decidedBy: text(64, { name: 'decided_by' }),
  },
};

/** JSON's own type is too deep for TypeORM's. */
export type FiringRow = Omit<Firing, 'key' | 'event' | 'reason'> & {
  readonly event: object;
  readonly reason: object | null;
  /** `trigger key`: unique by itself. */
  readonly firingKey: string;
  /** Empty for nobody. */
  readonly claimedBy: string;
  readonly claimedUntil: Date;
  /** Whether the end of its run has been counted (`TriggerStore.countEnd`). */
  readonly counted: number;
};

export const FIRINGS: Entity<FiringRow> = {
  name: 'firing',
  tableName: 'firings',
  columns: {
    id: text(64, { primary: true }),
    triggerId: text(64, { name: 'trigger_id' }),
    domain: text(64),
    dagId: text(64, { name: 'dag_id' }),
    firingKey: text(400, { name: 'firing_key' }),
    cause: text(16),
    at: time({ name: 'fired_for' }),
    event: json(),
    orderKey: text(255, { name: 'order_key' }),
    groupId: text(64, { name: 'group_id' }),
    status: text(16),
    reason: json({ nullable: true }),
    instanceId: text(64, { name: 'instance_id', nullable: true }),
    attempts: { type: 'int' },
    dueAt: time({ name: 'due_at' }),
    claimedBy: text(64, { name: 'claimed_by' }),
    claimedUntil: time({ name: 'claimed_until' }),
    createdAt: time({ name: 'created_at' }),
    endedAt: time({ name: 'ended_at', nullable: true }),
    counted: { type: 'int' },
  },
};
