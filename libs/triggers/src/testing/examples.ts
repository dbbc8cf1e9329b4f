import type { DagId, DomainId, FiringId, TriggerId } from '@flow/kernel';
import type { Firing, Trigger } from '@flow/triggers';

export const PUBLIC = 'public' as DomainId;
export const ACME = 'acme' as DomainId;
export const AT = new Date('2026-01-01T00:00:00.000Z');

/** So many seconds after AT. */
export const later = (seconds: number) => new Date(AT.getTime() + seconds * 1_000);

/** A text that no character of is lost on the way: quotes, a line end, beyond the basic plane. */
export const TEXT = `it's "1" \\ \n é 🎉`;

export function aTrigger(change: Partial<Trigger> = {}): Trigger {
  return {
    id: '01JTRIGGER0000000000000001' as TriggerId,
    domain: PUBLIC,
    dagId: '01JDAG00000000000000000001' as DagId,
    kind: 'cron',
    name: TEXT,
    config: { cron: '* * * * * *' },
    input: { text: TEXT, at: '{{event.data.scheduledAt}}' },
    filter: 'event.data.n > 1',
    dedupeKey: null,
    concurrency: { max: 2, onFull: 'queueOne' },
    derived: false,
    enabled: true,
    disabled: null,
    lookup: '',
    owner: 'alice',
    createdAt: AT,
    modifiedBy: 'alice',
    updatedAt: AT,
    revision: 1,
    nextFireAt: later(1),
    failures: 0,
    ...change,
  };
}

export function aFiring(n: number, change: Partial<Firing> = {}): Firing {
  return {
    id: `01JFIRING00000000000${String(n).padStart(6, '0')}` as FiringId,
    triggerId: aTrigger().id,
    domain: PUBLIC,
    dagId: aTrigger().dagId,
    key: `key ${n}`,
    cause: 'schedule',
    at: later(n),
    event: { id: `event-${n}`, data: { n, text: TEXT } },
    orderKey: '',
    groupId: '',
    status: 'pending',
    reason: null,
    instanceId: null,
    attempts: 0,
    dueAt: AT,
    createdAt: later(n),
    endedAt: null,
    ...change,
  };
}
