import {
  WorkerFenced,
  WorkerLog,
  Workers,
  type BeatAnswer,
  type LogHead,
  type LogRecord,
  type ReportedWorker,
  type WorkerReport,
  type WorkerRow,
  type WorkerSign,
} from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { atOnce, type Ask, type MemoryGround, type WorkerDoc } from './memory-ground';

/** What this process knows of a log that it appends to. */
interface Appending {
  /** The last record that stands. */
  n: number;
  nonce: string;
  isFenced: boolean;
}

/** Logs of workers in a MemoryGround: an append is one insert under a unique key, and the appender itself knows where its log ends. */
export class MemoryWorkerLog extends WorkerLog {
  private readonly appending = new Map<WorkerId, Appending>();

  constructor(
    private readonly ground: MemoryGround,
    private readonly ask: Ask = atOnce,
  ) {
    super();
  }

  override open(workerId: WorkerId): Promise<void> {
    return this.ask('log.open', true, () => {
      if (this.ground.workers.has(workerId)) throw new Error(`The worker ${workerId} has been there before.`);
      this.ground.workers.set(workerId, { mark: 0, beat: 0, isClosing: false, isClosed: false });
      this.ground.records.set(workerId, new Map());
    });
  }

  override async append(workerId: WorkerId, record: LogRecord): Promise<void> {
    const known = this.appending.get(workerId) ?? { n: (await this.head(workerId)).n, nonce: '', isFenced: false };
    this.appending.set(workerId, known);
    const { n, nonce } = record;
    if (known.isFenced || n < known.n || (n === known.n && nonce !== known.nonce)) throw new WorkerFenced(workerId, n);
    if (n === known.n) return;
    if (n > known.n + 1) throw new Error(`Record ${n} of worker ${workerId} would leave a gap behind ${known.n}.`);
    const stands = await this.ask('log.append', true, () => {
      const standing = this.recordsOf(workerId).get(n);
      if (!standing) this.recordsOf(workerId).set(n, record);
      return standing ?? record;
    });
    if (stands.kind === 'sealed' || stands.nonce !== nonce) {
      known.isFenced = true;
      throw new WorkerFenced(workerId, n);
    }
    Object.assign(known, { n, nonce });
  }

  override trySeal(workerId: WorkerId, n: number): Promise<boolean> {
    return this.ask('log.seal', true, () => {
      const records = this.recordsOf(workerId);
      const standing = records.get(n);
      if (!standing) records.set(n, { n, kind: 'sealed', nonce: '', body: '' });
      return !standing || standing.kind === 'sealed';
    });
  }

  override head(workerId: WorkerId): Promise<LogHead> {
    return this.ask('log.head', false, () => {
      const { mark } = this.docOf(workerId);
      const last = Math.max(...this.recordsOf(workerId).keys());
      if (last <= mark) return { n: mark, isSealed: false };
      return { n: last, isSealed: this.recordsOf(workerId).get(last)?.kind === 'sealed' };
    });
  }

  override mark(workerId: WorkerId): Promise<number> {
    return this.ask('log.mark', false, () => this.docOf(workerId).mark);
  }

  override read(workerId: WorkerId, afterN: number, limit: number): Promise<readonly LogRecord[]> {
    return this.ask('log.read', false, () =>
      [...this.recordsOf(workerId).values()]
        .filter(({ n }) => n > afterN)
        .sort((a, b) => a.n - b.n)
        .slice(0, limit),
    );
  }

  override async raiseMark(workerId: WorkerId, n: number): Promise<void> {
    await this.ask('log.raise', true, () => {
      const doc = this.docOf(workerId);
      doc.mark = Math.max(doc.mark, n);
    });
    await this.ask('log.delete', true, () => {
      const records = this.recordsOf(workerId);
      for (const record of [...records.values()])
        if (record.n <= n && record.kind === 'transitions') records.delete(record.n);
    });
  }

  override unclosed(): Promise<readonly WorkerRow[]> {
    return this.ask('log.unclosed', false, () =>
      [...this.ground.workers].flatMap(([id, { mark, isClosed }]) => (isClosed ? [] : [{ id, projected: mark }])),
    );
  }

  override close(workerId: WorkerId): Promise<void> {
    return this.ask('log.close', true, () => {
      this.docOf(workerId).isClosed = true;
    });
  }

  private docOf(workerId: WorkerId): WorkerDoc {
    const doc = this.ground.workers.get(workerId);
    if (!doc) throw new Error(`No worker has the id ${workerId}: a log is opened before it is used.`);
    return doc;
  }

  private recordsOf(workerId: WorkerId): Map<number, LogRecord> {
    this.docOf(workerId);
    return this.ground.records.get(workerId) ?? new Map<number, LogRecord>();
  }
}

/** Signs of life in the same documents. */
export class MemoryWorkers extends Workers {
  constructor(
    private readonly ground: MemoryGround,
    private readonly ask: Ask = atOnce,
  ) {
    super();
  }

  override beat(id: WorkerId, beat: number, report: WorkerReport | null): Promise<BeatAnswer> {
    return this.ask('workers.beat', true, () => {
      const doc = this.ground.workers.get(id);
      if (!doc || doc.isClosing || doc.isClosed) return 'refused';
      doc.beat = Math.max(doc.beat, beat);
      doc.report = report;
      return doc.isDraining ? 'drain' : 'taken';
    });
  }

  override askToDrain(id: WorkerId): Promise<boolean> {
    return this.ask('workers.drain', true, () => {
      const doc = this.ground.workers.get(id);
      if (!doc || doc.isClosing || doc.isClosed) return false;
      doc.isDraining = true;
      return true;
    });
  }

  override markClosing(id: WorkerId, beat: number): Promise<boolean> {
    return this.ask('workers.close', true, () => {
      const doc = this.ground.workers.get(id);
      if (!doc || (doc.beat !== beat && !doc.isClosing)) return false;
      doc.isClosing = true;
      return true;
    });
  }

  override unclosed(): Promise<readonly WorkerSign[]> {
    return this.ask('workers.read', false, () =>
      [...this.ground.workers].flatMap(([id, { beat, isClosing, isClosed }]) =>
        isClosed ? [] : [{ id, beat, isClosing }],
      ),
    );
  }

  override reported(): Promise<readonly ReportedWorker[]> {
    return this.ask('workers.read', false, () =>
      [...this.ground.workers].flatMap(([id, { beat, isClosing, isClosed, report = null, isDraining = false }]) =>
        isClosed ? [] : [{ id, beat, isClosing, report, isDraining }],
      ),
    );
  }
}
