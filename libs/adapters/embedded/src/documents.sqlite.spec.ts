import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, ValueNotStorable, migrate } from '@flow/adapters/sqlite';
import type { InstanceFilter } from '@flow/instances';
import { INSTANCE_STATUSES } from '@flow/instances';
import type { DagId, DomainId, WorkerId } from '@flow/kernel';
import {
  aRecord,
  anInstance,
  endedInstancesContract,
  instanceCountsContract,
  instanceStoreContract,
  rowsOf,
  slotStoreContract,
  taskLogContract,
  workerLogContract,
  type Opened,
} from '@flow/testing/instances';
import { laneOf } from '@flow/deliveries';
import { aDelivery, deliveryStoreContract, webhookSecretStoreContract } from '@flow/testing/deliveries';
import type { WaitingEvent } from '@flow/events';
import { anEvent, eventOutboxContract } from '@flow/testing/events';
import { decidingMarkContract, idempotencyStoreContract } from '@flow/testing/platform';
import { SqliteDeliveryStore } from './delivery-store.sqlite';
import { DOCUMENTS_FILE, DOCUMENT_MIGRATIONS, openDocuments } from './documents.schema';
import { ENDED_BEFORE, NEXT_GROUP, SqliteEndedInstances } from './ended-instances.sqlite';
import { SqliteEventOutbox } from './event-outbox.sqlite';
import { SqliteIdempotencyStore } from './idempotency-store.sqlite';
import { SqliteInstanceCounts } from './instance-counts.sqlite';
import { keysOf, rangesOf } from './instance-store.list';
import { SqliteInstallationMark } from './installation-mark.sqlite';
import { SqliteInstanceStore } from './instance-store.sqlite';
import { STATUS_CODE } from './instances.schema';
import { NEXT_WAITED, SqliteSlotStore } from './slot-store.sqlite';
import { SqliteTaskLog } from './task-log.sqlite';
import { SqliteWebhookSecretStore } from './webhook-secret-store.sqlite';
import { SqliteWorkerLog } from './worker-log.sqlite';

/** A fresh `documents.db` without fsync: what survives a power cut is the door's own promise. */
function world<T>(make: (db: Database) => T): Opened<T> & { db: Database } {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  const opened: Database[] = [];
  const openOne = () => {
    const db = openDocuments(folder);
    db.exec('PRAGMA synchronous = OFF');
    opened.push(db);
    return db;
  };
  const db = openOne();
  return {
    db,
    store: make(db),
    reopen: async () => make(openOne()),
    close: () => {
      for (const one of opened) one.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

decidingMarkContract('SqliteInstallationMark', async () => world((db) => new SqliteInstallationMark(db)));
workerLogContract('SqliteWorkerLog', async () => world((db) => new SqliteWorkerLog(db)));
instanceStoreContract('SqliteInstanceStore', async () => world((db) => new SqliteInstanceStore(db)));
instanceCountsContract('SqliteInstanceCounts', async () =>
  world((db) => ({ instances: new SqliteInstanceStore(db), counts: new SqliteInstanceCounts(db) })),
);
endedInstancesContract('SqliteEndedInstances', async () =>
  world((db) => ({ instances: new SqliteInstanceStore(db), ended: new SqliteEndedInstances(db) })),
);
slotStoreContract('SqliteSlotStore', async () =>
  world((db) => ({ instances: new SqliteInstanceStore(db), slots: new SqliteSlotStore(db) })),
);
taskLogContract('SqliteTaskLog', async () => world((db) => new SqliteTaskLog(db)));
deliveryStoreContract('SqliteDeliveryStore', async () => world((db) => new SqliteDeliveryStore(db)));
webhookSecretStoreContract('SqliteWebhookSecretStore', async () => world((db) => new SqliteWebhookSecretStore(db)));
idempotencyStoreContract('SqliteIdempotencyStore', async () => world((db) => new SqliteIdempotencyStore(db)));
/** Events come in with rows of an instance, each time of another one. */
eventOutboxContract('SqliteEventOutbox', async () => {
  const { db, store, reopen, close } = world((one) => new SqliteEventOutbox(one));
  const instances = new SqliteInstanceStore(db);
  const put = (told: readonly WaitingEvent[]) => instances.project([rowsOf(anInstance(), { told })]);
  return { outbox: store, put, reopen, close };
});

describe('documents.db', () => {
  it.each<[string, InstanceFilter]>([
    ['all', {}],
    ['of a DAG', { dagId: 'd' as DagId }],
    ['of statuses', { status: ['failed', 'running'] }],
    ['of a DAG and a status', { dagId: 'd' as DagId, status: ['failed'] }],
    ['with a label', { label: { key: 'a', value: 'b' } }],
    ['with a label and statuses', { label: { key: 'a', value: 'b' }, status: ['failed', 'paused'] }],
    ['with a label, of a DAG', { label: { key: 'a', value: 'b' }, dagId: 'd' as DagId }],
  ])('lists instances %s from one index, without sorting', (_what, filter) => {
    const { db, close } = world(() => undefined);
    for (const direction of ['ASC', 'DESC'] as const)
      for (const { from, where, values } of rangesOf('public' as DomainId, filter)) {
        const plan = db
          .all(`EXPLAIN QUERY PLAN ${keysOf(from, where, direction)} LIMIT 5`, ...values, 0, '', 9, '')
          .map((row) => String(row.detail));
        expect(plan).toEqual([expect.stringMatching(/^SEARCH i USING (COVERING INDEX|PRIMARY KEY).*created_ms/)]);
      }
    void close();
  });

  it('finds groups and those that ended before a moment in their index, without sorting', () => {
    const { db, close } = world(() => undefined);
    const planOf = (sql: string, ...values: (string | number)[]) =>
      db.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).map((row) => String(row.detail));
    expect(planOf(NEXT_GROUP, '', '', 0)).toEqual([
      'SEARCH ended_runs USING PRIMARY KEY ((domain,dag_id,status)>(?,?,?))',
    ]);
    expect(planOf(NEXT_WAITED, '', '', '')).toEqual([
      'SEARCH slots USING COVERING INDEX slots_waited ((domain,dag_id,key)>(?,?,?))',
    ]);
    expect(planOf(ENDED_BEFORE, '', '', 0, 0, 0, 0, 1)).toEqual([
      expect.stringMatching(/^SEARCH e USING PRIMARY KEY \(domain=\? AND dag_id=\? AND status=\? AND /),
      'SEARCH i USING INTEGER PRIMARY KEY (rowid=?)',
      'CORRELATED SCALAR SUBQUERY 1',
      'SEARCH p USING INDEX sqlite_autoindex_instances_1 (id=?)',
      'CORRELATED SCALAR SUBQUERY 2',
      'SEARCH o USING PRIMARY KEY (id>? AND id<?)',
      'CORRELATED SCALAR SUBQUERY 3',
      'SEARCH d USING INDEX deliveries_by_instance (domain=? AND instance=?)',
    ]);
    void close();
  });

  it('brings the ends of older files into their index', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'documents-'));
    const old = Database.open(join(folder, DOCUMENTS_FILE));
    migrate(old, DOCUMENT_MIGRATIONS.slice(0, 5));
    const endedAt = '2026-01-02T03:04:05.678Z';
    const one = anInstance({ status: 'failed', endedAt, parentId: anInstance().id });
    for (const { id, domain, dagId, status, ...rest } of [one, anInstance()])
      old.write(
        'instance.project',
        `INSERT INTO instances (id, domain, dag_id, status, created_ms, epoch, seq, doc) VALUES (?, ?, ?, ?, 0, 0, 1, ?)`,
        ...[id, domain, dagId, STATUS_CODE[status], JSON.stringify({ id, domain, dagId, status, ...rest })],
      );
    old.close();
    const db = openDocuments(folder);
    const group = { domain: one.domain, dagId: one.dagId, status: 'failed' } as const;
    const ended = new SqliteEndedInstances(db);
    expect(await ended.groups(null, null, 10)).toEqual([{ ...group, oldest: new Date(endedAt) }]);
    expect(await ended.purge([one.id], new Date())).toBe(1);
    expect(await ended.groups(null, null, 10)).toEqual([]);
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads events and deliveries that older files hold without a trace', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'documents-'));
    const old = Database.open(join(folder, DOCUMENTS_FILE));
    migrate(
      old,
      DOCUMENT_MIGRATIONS.filter(({ version }) => version < 13),
    );
    const [{ id, topic, key, at, body }, delivery] = [anEvent('A', 1), aDelivery()];
    old.write(
      'instance.project',
      'INSERT INTO events (id, topic, key, at_ms, body) VALUES (?, ?, ?, ?, ?)',
      ...[id, topic, key, at, body],
    );
    old.write(
      'delivery.add',
      `INSERT INTO deliveries (id, domain, instance, status, lane, url, attempts, created_ms, next_ms, body)
       VALUES (?, ?, ?, 0, ?, ?, 0, 1, 1, ?)`,
      ...[delivery.id, delivery.domain, delivery.instance, laneOf(delivery), delivery.url, delivery.body],
    );
    old.close();
    const db = openDocuments(folder);
    expect(await new SqliteEventOutbox(db).waiting('instance.lifecycle', 10)).toEqual([anEvent('A', 1)]);
    const due = await new SqliteDeliveryStore(db).due(laneOf(delivery), new Date(1), 10);
    expect(due).toEqual([{ ...delivery, attempts: 0 }]);
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('brings the labels of older files into their index', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'documents-'));
    const old = Database.open(join(folder, DOCUMENTS_FILE));
    migrate(
      old,
      DOCUMENT_MIGRATIONS.filter(({ version }) => version < 10),
    );
    const labels = { team: 'x' };
    const [live, failed] = [anInstance({ labels }), anInstance({ labels, status: 'failed' })];
    for (const one of [live, failed]) {
      const { id, domain, dagId, status, createdAt } = one;
      old.write(
        'instance.project',
        `INSERT INTO instances (id, domain, dag_id, status, created_ms, owner, epoch, seq, doc) VALUES (?, ?, ?, ?, ?, 'w', 0, 1, ?)`,
        ...[id, domain, dagId, STATUS_CODE[status], Date.parse(createdAt), JSON.stringify(one)],
      );
      const no = Number(old.get('SELECT no FROM instances WHERE id = ?', id)?.no);
      old.write(
        'instance.project',
        'INSERT INTO instance_labels (domain, label, created_ms, id, no) VALUES (?, ?, ?, ?, ?)',
        ...[domain, '["team","x"]', Date.parse(createdAt), id, no],
      );
    }
    old.close();
    const db = openDocuments(folder);
    const store = new SqliteInstanceStore(db);
    const label = { key: 'team', value: 'x' };
    const found = async (filter: InstanceFilter) =>
      (await store.list(live.domain, { label, ...filter }, { limit: 5, count: true })).items.map(({ id }) => id);
    expect([await found({}), await found({ status: ['failed'] })]).toEqual([[failed.id, live.id], [failed.id]]);
    await store.project([rowsOf({ ...live, status: 'succeeded' }, { owner: null, seq: 2 })]);
    expect(await found({ status: ['running'], dagId: live.dagId })).toEqual([]);
    expect(await found({ status: ['succeeded'], dagId: live.dagId })).toEqual([live.id]);
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('numbers the statuses so that those below 5 have not ended', () => {
    expect(INSTANCE_STATUSES.filter((status) => STATUS_CODE[status] < 5)).toEqual(INSTANCE_STATUSES.slice(0, 5));
    expect(new Set(Object.values(STATUS_CODE)).size).toBe(INSTANCE_STATUSES.length);
  });

  it('refuses text that a column would not give back, and writes nothing of the batch', async () => {
    const { db, store, close } = world((one) => new SqliteInstanceStore(one));
    const good = anInstance();
    const bad = rowsOf(anInstance(), { history: [{ fromSeq: 1, toSeq: 1, events: 'a\u0000b' }] });
    await expect(store.project([rowsOf(good), bad])).rejects.toThrow(ValueNotStorable);
    expect(await store.find(good.domain, good.id)).toBeUndefined();
    const log = new SqliteWorkerLog(db);
    await log.open('w' as WorkerId);
    await expect(log.append('w' as WorkerId, aRecord(1, { body: '\ud800' }))).rejects.toThrow(ValueNotStorable);
    expect(await log.read('w' as WorkerId, 0, 10)).toEqual([]);
    void close();
  });
});
