import { Database, WriteTurn } from '@flow/adapters/sqlite';
import type { InstanceRows } from '@flow/instances';
import { parentPort, workerData } from 'node:worker_threads';
import { HotWritesHere } from './hot-writes';
import { packError, type Answer, type Errand, type ThreadPlace } from './storage-thread.messages';

/** The other end of `StorageThread`: a connection of its own, errands one after another. */
const { file, turn } = workerData as ThreadPlace;
const db = Database.open(file, { turn: new WriteTurn(turn) });
const writes = new HotWritesHere(db);

async function carriedOut(errand: Errand): Promise<Answer> {
  const startedAt = performance.now();
  try {
    const value = await carryOut(errand);
    return { no: errand.no, ms: performance.now() - startedAt, value };
  } catch (error) {
    return { no: errand.no, ms: performance.now() - startedAt, error: packError(error) };
  }
}

async function carryOut(errand: Errand): Promise<'stands' | 'fenced' | 'done'> {
  switch (errand.do) {
    case 'append':
      return writes.append(errand.workerId, errand.record);
    case 'raiseMark':
      await writes.raiseMark(errand.workerId, errand.n);
      return 'done';
    case 'project':
      await writes.project(JSON.parse(errand.rows) as readonly InstanceRows[]);
      return 'done';
    case 'settleOutbox':
      await writes.settleOutbox(errand.ids);
      return 'done';
    case 'addToJournal':
      await writes.addToJournal(errand.rows, errand.flush);
      return 'done';
    case 'removeFromJournal':
      await writes.removeFromJournal(errand.ids);
      return 'done';
  }
}

const port = parentPort;
port?.on('message', (errand: Errand | 'close') => {
  if (errand === 'close') {
    db.close();
    port.close();
  } else void carriedOut(errand).then((answer) => port.postMessage(answer));
});
port?.postMessage('ready');
