import type { DagId, DomainId, InstanceId, WorkerId } from '@flow/kernel';
import type { Instance, InstanceRows, Task } from '@flow/instances';

let made = 0;

/** A fresh id; later ones sort behind earlier ones. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the kind of id, as with IdGenerator
export function anId<T extends string>(): T {
  made += 1;
  return `01J${String(made).padStart(23, '0')}` as T;
}

/** A running instance of domain `public`; created one millisecond after the one before it. */
export function anInstance(change: Partial<Instance> = {}): Instance {
  const id = change.id ?? anId<InstanceId>();
  return {
    id,
    domain: 'public' as DomainId,
    dagId: '01HDAG00000000000000000001' as DagId,
    version: 'v0.0.1',
    status: 'running',
    priority: 'medium',
    labels: {},
    trigger: { kind: 'manual' },
    input: { name: 'Ümläut \u0000 🙂' },
    result: null,
    reason: null,
    progress: { total: 2, done: 0 },
    attempt: 1,
    retryOf: null,
    rootId: id,
    parentId: null,
    createdBy: 'alice',
    createdAt: new Date(Date.UTC(2026, 0, 1) + made).toISOString(),
    startedAt: null,
    endedAt: null,
    ...change,
  };
}

/** A step that succeeded at path 1. */
export function aTask(change: Partial<Task> = {}): Task {
  const path = change.path ?? '1';
  return {
    id: `task-${path}`,
    stepId: '1',
    path,
    title: 'Join the texts',
    operator: '@internal/text/join',
    status: 'succeeded',
    attempt: 1,
    input: { texts: ['a', 'b \u0000'], separator: '' },
    output: { text: 'ab' },
    error: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:00.001Z',
    ...change,
  };
}

/** What one projection writes for an instance, held by `worker-1` at epoch 0 unless it has ended. */
export function rowsOf(
  instance: Instance,
  change: Partial<InstanceRows['header']> & Partial<Omit<InstanceRows, 'header'>> = {},
): InstanceRows {
  const { owner = 'worker-1' as WorkerId, epoch = 0, seq = 1, wakeAt = null } = change;
  const { tasks = [], history = [], outbox = [], told, cursor } = change;
  const header = { instance, owner, epoch, seq, wakeAt };
  return { header, tasks, history, outbox, ...(told && { told }), ...(cursor && { cursor }) };
}
