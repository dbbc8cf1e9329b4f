import {
  HotWritesChoice,
  SqliteEndedInstances,
  SqliteInstanceStore,
  SqliteWorkerLog,
  StorageThread,
  openDocuments,
} from '@flow/adapters/embedded';
import type { Database } from '@flow/adapters/sqlite';
import type { DomainId, WorkerId } from '@flow/kernel';
import {
  aRecord,
  anInstance,
  endedInstancesContract,
  instanceStoreContract,
  rowsOf,
  workerLogContract,
  type Opened,
} from '@flow/testing/instances';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtMain } from './build';

const W1 = 'worker-1' as WorkerId;
const PUBLIC = 'public' as DomainId;
const ENTRY = join(builtMain(), '../../../../libs/adapters/embedded/src/storage-thread.worker.js');

/** A fresh `documents.db` whose hot writes are another thread's. */
async function world<T>(make: (db: Database, writes: StorageThread) => T): Promise<Opened<T>> {
  const folder = mkdtempSync(join(tmpdir(), 'thread-'));
  const open: { readonly db: Database; readonly thread: StorageThread }[] = [];
  const openOne = async () => {
    const db = openDocuments(folder);
    const thread = await StorageThread.open(db, ENTRY);
    open.push({ db, thread });
    return make(db, thread);
  };
  return {
    store: await openOne(),
    reopen: openOne,
    close: async () => {
      for (const { db, thread } of open) {
        await thread.close();
        db.close();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

workerLogContract('SqliteWorkerLog on a StorageThread', () => world((db, writes) => new SqliteWorkerLog(db, writes)));
instanceStoreContract('SqliteInstanceStore on a StorageThread', () =>
  world((db, writes) => new SqliteInstanceStore(db, writes)),
);
endedInstancesContract('SqliteEndedInstances beside a StorageThread', () =>
  world((db, writes) => ({ instances: new SqliteInstanceStore(db, writes), ended: new SqliteEndedInstances(db) })),
);

describe('HotWritesChoice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'choice-'));
  const closing: (() => Promise<void> | void)[] = [];
  let nowMs = 0;

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A thread that dies of its first errand. */
  const dying = join(folder, 'dying.cjs');
  writeFileSync(
    dying,
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', () => { throw new Error('It is over.'); });
     parentPort.postMessage('ready');`,
  );

  const open = async (entry: string, appendMs = 0) => {
    const db = openDocuments(mkdtempSync(join(folder, 'data-')));
    const threads: Promise<StorageThread>[] = [];
    const lost: unknown[] = [];
    const writes = new HotWritesChoice(db, {
      openThread: (one) => {
        const thread = StorageThread.open(one, entry);
        threads.push(thread);
        return thread;
      },
      now: () => (nowMs += appendMs),
      onThreadLost: (error) => lost.push(error),
    });
    closing.push(async () => {
      await writes.close();
      db.close();
    });
    const log = new SqliteWorkerLog(db, writes);
    await log.open(W1);
    let n = 0;
    const append = async (times: number, alone: boolean) => {
      for (let i = 0; i < times; i += 1) await log.append(W1, aRecord((n += 1)), alone);
    };
    return { log, store: new SqliteInstanceStore(db, writes), append, threads, lost };
  };

  it('opens no thread while callers come one by one and the disk is quick', async () => {
    const { append, threads } = await open(ENTRY);
    await append(100, true);
    expect(threads).toEqual([]);
  });

  it('writes in one thread once runs wait together, and here again when they do no longer', async () => {
    const { append, threads, log, store } = await open(ENTRY);
    await append(50, false);
    expect(threads).toHaveLength(1);
    const thread = await threads[0];
    await append(1, false);
    expect(thread?.answered).toBe(1);
    const instance = anInstance();
    await store.project([rowsOf(instance)]);
    expect(thread?.answered).toBe(2);
    expect(await store.find(PUBLIC, instance.id)).toEqual(instance);
    await append(100, true);
    const before = thread?.answered;
    await append(1, true);
    expect(thread?.answered).toBe(before);
    expect(await log.read(W1, 0, 1_000)).toHaveLength(152);
    expect(threads).toHaveLength(1);
  });

  it('writes there too while the disk is slow', async () => {
    const { append, threads } = await open(ENTRY, 30);
    await append(2, true);
    expect(threads).toHaveLength(1);
  });

  it('loses nothing when the thread dies: what was under way fails, and stands when it is repeated', async () => {
    const { append, threads, lost, log } = await open(dying);
    await append(50, false);
    await threads[0];
    const record = aRecord(51);
    await expect(log.append(W1, record, false)).rejects.toThrow('It is over.');
    await log.append(W1, record, false);
    expect(await log.read(W1, 50, 10)).toEqual([record]);
    expect(lost).toHaveLength(1);
    expect(threads).toHaveLength(1);
  });

  /** A thread that ends before it has opened anything. */
  writeFileSync(join(folder, 'leaving.cjs'), 'process.exit(3);');

  it.each([
    ['none.js', 'none.js'],
    ['leaving.cjs', 'ended at its start (3)'],
  ])('writes here when no thread can be opened: %s', async (entry, why) => {
    const { append, threads, lost, log } = await open(join(folder, entry));
    await append(50, false);
    await expect(threads[0]).rejects.toThrow(why);
    await append(10, false);
    expect(lost).toHaveLength(1);
    expect(await log.read(W1, 0, 1_000)).toHaveLength(60);
  });
});
