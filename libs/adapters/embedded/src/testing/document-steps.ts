import { Database } from '@flow/adapters/sqlite';
import type { InstanceId, PrincipalId, WorkerId, DomainId } from '@flow/kernel';
import { sealLog } from '@flow/instances';
import { anEntry } from '@flow/testing/audit';
import { aDag, step } from '@flow/testing/dags';
import { aDelivery } from '@flow/testing/deliveries';
import { anEvent } from '@flow/testing/events';
import { aLine, aRecord, aTask, anInstance, rowsOf } from '@flow/testing/instances';
import { anIdempotentRequest } from '@flow/testing/platform';
import { SqliteAuditJournal } from '../audit-journal.sqlite';
import { SqliteDagOutbox } from '../dag-outbox.sqlite';
import { SqliteDagStore } from '../dag-store.sqlite';
import { SqliteDeliveryStore } from '../delivery-store.sqlite';
import { SqliteDiskSpace } from '../disk-space.sqlite';
import { SqliteEndedInstances } from '../ended-instances.sqlite';
import { SqliteEventOutbox } from '../event-outbox.sqlite';
import { HotWritesHere } from '../hot-writes';
import { SqliteIdempotencyStore } from '../idempotency-store.sqlite';
import { SqliteInstallationMark } from '../installation-mark.sqlite';
import { SqliteInstanceStore } from '../instance-store.sqlite';
import { SqliteTaskLog } from '../task-log.sqlite';
import { SqliteWebhookSecretStore } from '../webhook-secret-store.sqlite';
import { SqliteWorkerLog } from '../worker-log.sqlite';

const worker = 'worker-1' as WorkerId;
const successor = 'worker-2' as WorkerId;
const dag = aDag({
  steps: [step('0'), step('1', { parameters: { value: '{{secrets.key}}' } })],
  tags: ['a'],
  id: '01HDAG00000000000000000001' as never,
});
const instance = anInstance({
  id: '01HINSTANCE000000000000001' as InstanceId,
  createdAt: '2026-01-01T00:00:00.000Z',
  labels: { team: 'x' },
  slot: { key: '"k"', queued: false },
});
const waiting = anInstance({
  id: '01HINSTANCE000000000000003' as InstanceId,
  createdAt: '2026-01-01T00:00:00.000Z',
  status: 'waiting',
  slot: { key: '"k"', queued: true },
});
const huge = anInstance({
  id: '01HINSTANCE000000000000004' as InstanceId,
  createdAt: '2026-01-01T00:00:00.000Z',
  status: 'failed',
  endedAt: '2026-01-01T00:00:03.000Z',
});
const over = { ...instance, status: 'succeeded', endedAt: '2026-01-01T00:00:02.000Z' } as const;
const debugged = {
  ...anInstance({
    id: '01HINSTANCE000000000000002' as InstanceId,
    createdAt: '2026-01-01T00:00:00.000Z',
    debug: {
      expiresAt: '2026-01-01T01:00:00.000Z',
      breakpoints: [],
      pins: [],
      dryRun: false,
      pausedAt: null,
      held: [],
    },
  }),
  status: 'succeeded',
  endedAt: '2026-01-01T00:00:02.000Z',
} as const;
const asked = aTask({
  path: 'asked',
  operator: '@control/approval',
  status: 'waiting',
  waitingFor: { kind: 'approval', until: null, assignees: ['bob'], quorum: 1, schema: null, decisions: [] },
});
const outbox = [{ id: 'I:2:0', message: { kind: 'child.cancel' as const, child: 'C' as InstanceId } }];
const taken = aDelivery({ instance: '01HINSTANCE000000000000003' });
const refused = aDelivery({ instance: '01HINSTANCE000000000000004' });
const signing = { id: 'S', envelope: 'v1.key', createdAt: '2026-01-01T00:00:00.000Z', expiresAt: null };
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const request = anIdempotentRequest();
const scope = {
  domain: 'public' as DomainId,
  principal: 'alice' as PrincipalId,
  route: request.route,
  key: request.key,
};
const answer = { status: 201, headers: {}, body: '{}' };

/** Every kind of write that `documents.db` knows, in an order that a service could have; the same at each run. */
export function documentSteps(db: Database): readonly (() => Promise<unknown>)[] {
  const log = new SqliteWorkerLog(db);
  const instances = new SqliteInstanceStore(db);
  const installation = new SqliteInstallationMark(db);
  const facts = new SqliteDagOutbox(db);
  const dags = new SqliteDagStore(db, facts);
  const keys = new SqliteIdempotencyStore(db);
  const lines = new SqliteTaskLog(db);
  const deliveries = new SqliteDeliveryStore(db);
  const secrets = new SqliteWebhookSecretStore(db);
  const ended = new SqliteEndedInstances(db);
  const events = new SqliteEventOutbox(db);
  const journal = new SqliteAuditJournal(db, new HotWritesHere(db));
  const space = new SqliteDiskSpace(db, { pages: 2, kept: 0 });
  const history = (fromSeq: number, toSeq: number) => [{ fromSeq, toSeq, events: `[${fromSeq},${toSeq}]` }];
  return [
    () => installation.put('01HINSTALLATION00000000001'),
    () => installation.settle(),
    () => dags.create(dag),
    () => dags.update({ ...dag, title: 'Another title', status: 'stopped' }, 1, { publish: false }),
    async () => facts.settle((await facts.waiting(10)).slice(0, 1)),
    () => events.put([anEvent(dag.id, 1), anEvent(dag.id, 2)]),
    () => journal.add([anEntry(1), anEntry(2)]),
    () => journal.remove([anEntry(1).command.id]),
    () => keys.begin(request),
    () => log.open(worker),
    () => log.append(worker, aRecord(1)),
    () => instances.project([rowsOf(instance, { seq: 2, tasks: [aTask()], history: history(1, 2) })]),
    () => log.append(worker, aRecord(2)),
    () => lines.append([aLine(1, { instance: instance.id }), aLine(2, { instance: instance.id })]),
    () => log.raiseMark(worker, 1),
    () => keys.finish(scope, answer),
    () => keys.begin({ ...request, key: 'second' }),
    () => keys.forget({ ...scope, key: 'second' }),
    () => sealLog(log, worker),
    () =>
      instances.project([
        rowsOf(instance, {
          seq: 4,
          tasks: [aTask({ path: '2' }), aTask({ path: '3' }), asked],
          outbox,
          told: [anEvent(instance.id, 3), anEvent(instance.id, 4)],
          history: history(3, 4),
          cursor: { seq: 4, schema: 1, state: '{}' },
        }),
      ]),
    () => events.settle([anEvent(instance.id, 3).id]),
    () => instances.settleOutbox(outbox.map(({ id }) => id)),
    () => log.raiseMark(worker, 2),
    () => log.open(successor),
    () => instances.release([instance.id]),
    () => instances.claim(instance.id, { owner: worker, epoch: 0 }, successor),
    () => instances.project([rowsOf(waiting, { owner: null, epoch: 0, seq: 1, wakeAt: 5, history: history(1, 1) })]),
    () => instances.claimParked([{ id: waiting.id, epoch: 0 }], successor),
    () => log.close(worker),
    () => log.append(successor, aRecord(1)),
    () => instances.project([rowsOf(over, { owner: null, epoch: 1, seq: 5, history: history(5, 5) })]),
    () => log.raiseMark(successor, 1),
    () => dags.remove(dag.domain, dag.id, { at: '2026-01-02T00:00:00.000Z', by: 'ann' }),
    () =>
      instances.project([
        rowsOf(debugged, {
          owner: null,
          seq: 1,
          tasks: [aTask()],
          history: history(1, 1),
          cursor: { seq: 1, schema: 1, state: '{}' },
        }),
      ]),
    () => lines.append([aLine(1, { instance: debugged.id })]),
    () => lines.purge([debugged.id]),
    () => instances.purgeDebugRuns([debugged.id]),
    () => secrets.replace(taken.domain, 0, [signing]),
    () => deliveries.add(taken, at(1)),
    () => deliveries.add(refused, at(1)),
    () => deliveries.postpone(taken.id, { attempts: 1, nextAt: at(6), lastError: 'No answer.' }),
    () => deliveries.settle(taken.id, 2),
    () => deliveries.bury(refused.id, { attempts: 11, lastError: 'No answer.', at: at(9) }),
    () => deliveries.redirect(refused.domain, refused.id, 'https://new.example.com/'),
    () => deliveries.redrive(refused.domain, refused.id, at(10)),
    () => deliveries.bury(refused.id, { attempts: 11, lastError: 'No answer.', at: at(19) }),
    () => deliveries.remove(refused.domain, refused.id),
    () => lines.append([aLine(3, { instance: instance.id })]),
    () => lines.purge([instance.id]),
    () =>
      instances.project([
        rowsOf(huge, {
          owner: null,
          seq: 1,
          tasks: Array.from({ length: 2_500 }, (_, i) => aTask({ path: String(i) })),
          history: history(1, 1),
        }),
      ]),
    () => ended.purge([instance.id, huge.id], new Date('2026-01-01T12:00:00.000Z')),
    () => ended.clear(),
    () => space.giveBack(),
    () => ended.forget(new Date('2026-01-03T00:00:00.000Z'), 10),
    () => keys.purge(new Date('2026-01-03T00:00:00.000Z'), 10),
  ];
}
