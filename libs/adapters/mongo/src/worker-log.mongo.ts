import { WorkerFenced, WorkerLog, type LogHead, type LogRecord, type WorkerRow } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { isDuplicate, type Mongo } from './mongo';
import type { LogRecordDoc } from './collections';

/** What this process knows of a log that it appends to. */
interface Appending {
  /** The last record that stands. */
  n: number;
  nonce: string;
  isFenced: boolean;
}

/** Never what another primary of before had. */
const NEWEST = { readConcern: { level: 'linearizable' } } as const;

/** Logs of workers: an append is one insert under the unique key (worker, n), and the appender itself knows where its log ends. */
export class MongoWorkerLog extends WorkerLog {
  private readonly appending = new Map<WorkerId, Appending>();

  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async open(workerId: WorkerId): Promise<void> {
    const workers = this.mongo.collection('workers');
    // Two that open at the same moment may share a place: they stand in the order of their ids then.
    const last = await this.mongo.read(() => workers.find().sort({ opened: -1 }).limit(1).next());
    const opened = (last?.opened ?? 0) + 1;
    await this.mongo.write('log.open', () =>
      workers.insertOne({ _id: workerId, opened, mark: 0, beat: 0, isClosing: false, isClosed: false }),
    );
  }

  override async append(workerId: WorkerId, { n, nonce, body }: LogRecord): Promise<void> {
    const known = await this.known(workerId);
    if (known.isFenced || n < known.n || (n === known.n && nonce !== known.nonce)) throw new WorkerFenced(workerId, n);
    if (n === known.n) return;
    if (n > known.n + 1) throw new Error(`Record ${n} of worker ${workerId} would leave a gap behind ${known.n}.`);
    if (!(await this.insert({ worker: workerId, n, isSealed: false, nonce, body }))) {
      const standing = await this.recordAt(workerId, n);
      if (standing?.isSealed !== false || standing.nonce !== nonce) {
        known.isFenced = true;
        throw new WorkerFenced(workerId, n);
      }
    }
    Object.assign(known, { n, nonce });
  }

  override async trySeal(workerId: WorkerId, n: number): Promise<boolean> {
    const seal = { worker: workerId, n, isSealed: true, nonce: '', body: '' };
    return (await this.insert(seal, 'log.seal')) || (await this.recordAt(workerId, n))?.isSealed === true;
  }

  override async head(workerId: WorkerId): Promise<LogHead> {
    const mark = await this.mark(workerId);
    const last = await this.mongo.read(() =>
      this.records.find({ worker: workerId }, NEWEST).sort({ n: -1 }).limit(1).project({ n: 1, isSealed: 1 }).next(),
    );
    const n = Number(last?.n ?? 0);
    return n > mark ? { n, isSealed: last?.isSealed === true } : { n: mark, isSealed: false };
  }

  override async mark(workerId: WorkerId): Promise<number> {
    const row = await this.mongo.read(() => this.mongo.collection('workers').findOne({ _id: workerId }, NEWEST));
    if (!row) throw new Error(`No worker has the id ${workerId}: a log is opened before it is used.`);
    return row.mark;
  }

  override async read(workerId: WorkerId, afterN: number, limit: number): Promise<readonly LogRecord[]> {
    const found = await this.mongo.read(() =>
      this.records
        .find({ worker: workerId, n: { $gt: afterN } })
        .sort({ n: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(({ n, isSealed, nonce, body }) => ({
      n,
      kind: isSealed ? 'sealed' : 'transitions',
      nonce,
      body,
    }));
  }

  override async raiseMark(workerId: WorkerId, n: number): Promise<void> {
    await this.mongo.write('log.mark', () =>
      this.mongo.collection('workers').updateOne({ _id: workerId }, { $max: { mark: n } }),
    );
    await this.mongo.write('log.trim', () =>
      this.records.deleteMany({ worker: workerId, n: { $lte: n }, isSealed: false }),
    );
  }

  override async unclosed(): Promise<readonly WorkerRow[]> {
    const rows = await this.mongo.read(() =>
      this.mongo.collection('workers').find({ isClosed: false }).sort({ opened: 1 }).toArray(),
    );
    return rows.map(({ _id, mark }) => ({ id: _id as WorkerId, projected: mark }));
  }

  override async close(workerId: WorkerId): Promise<void> {
    await this.mongo.write('log.close', () =>
      this.mongo.collection('workers').updateOne({ _id: workerId }, { $set: { isClosed: true } }),
    );
  }

  private get records() {
    return this.mongo.collection('log_records');
  }

  private async known(workerId: WorkerId): Promise<Appending> {
    const known = this.appending.get(workerId) ?? { n: (await this.head(workerId)).n, nonce: '', isFenced: false };
    this.appending.set(workerId, known);
    return known;
  }

  /** False when a record stands there. */
  private async insert(record: LogRecordDoc, name = 'log.append'): Promise<boolean> {
    try {
      await this.mongo.write(name, () => this.records.insertOne({ ...record }));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  private async recordAt(worker: WorkerId, n: number): Promise<Pick<LogRecordDoc, 'isSealed' | 'nonce'> | null> {
    return this.mongo.read(() => this.records.findOne({ worker, n }, NEWEST));
  }
}
