import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValueNotStorable, type Database } from '@flow/adapters/sqlite';
import type { InstanceFilter } from '@flow/instances';
import { INSTANCE_STATUSES } from '@flow/instances';
import type { DagId, DomainId, WorkerId } from '@flow/kernel';
import {
  aRecord,
  anInstance,
  instanceStoreContract,
  rowsOf,
  taskLogContract,
  workerLogContract,
  type Opened,
} from '@flow/testing/instances';
import { deliveryStoreContract, webhookSecretStoreContract } from '@flow/testing/deliveries';
import { idempotencyStoreContract } from '@flow/testing/platform';
import { SqliteDeliveryStore } from './delivery-store.sqlite';
import { openDocuments } from './documents.schema';
import { SqliteIdempotencyStore } from './idempotency-store.sqlite';
import { rangesOf } from './instance-store.list';
import { SqliteInstanceStore } from './instance-store.sqlite';
import { STATUS_CODE } from './instances.schema';
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

workerLogContract('SqliteWorkerLog', async () => world((db) => new SqliteWorkerLog(db)));
instanceStoreContract('SqliteInstanceStore', async () => world((db) => new SqliteInstanceStore(db)));
taskLogContract('SqliteTaskLog', async () => world((db) => new SqliteTaskLog(db)));
deliveryStoreContract('SqliteDeliveryStore', async () => world((db) => new SqliteDeliveryStore(db)));
webhookSecretStoreContract('SqliteWebhookSecretStore', async () => world((db) => new SqliteWebhookSecretStore(db)));
idempotencyStoreContract('SqliteIdempotencyStore', async () => world((db) => new SqliteIdempotencyStore(db)));

describe('documents.db', () => {
  it.each<[string, InstanceFilter]>([
    ['all', {}],
    ['of a DAG', { dagId: 'd' as DagId }],
    ['of statuses', { status: ['failed', 'running'] }],
    ['of a DAG and a status', { dagId: 'd' as DagId, status: ['failed'] }],
    ['with a label', { label: { key: 'a', value: 'b' } }],
  ])('lists instances %s from one index, without sorting', (_what, filter) => {
    const { db, close } = world(() => undefined);
    for (const direction of ['ASC', 'DESC'])
      for (const { from, where, values } of rangesOf('public' as DomainId, filter)) {
        const plan = db
          .all(
            `EXPLAIN QUERY PLAN SELECT i.no, i.created_ms, i.id FROM ${from} WHERE ${where}
             AND (i.created_ms, i.id) > (0, '') AND (i.created_ms, i.id) < (9, '')
             ORDER BY i.created_ms ${direction}, i.id ${direction} LIMIT 5`,
            ...values,
          )
          .map((row) => String(row.detail));
        expect(plan).toEqual([expect.stringMatching(/^SEARCH i USING (COVERING INDEX|PRIMARY KEY).*created_ms/)]);
      }
    void close();
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
