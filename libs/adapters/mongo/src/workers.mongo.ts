import { Workers, type BeatAnswer, type ReportedWorker, type WorkerReport, type WorkerSign } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import type { WorkerDoc } from './collections';
import type { Mongo } from './mongo';

/** Neither held dead nor closed. */
const OPEN = { isClosing: false, isClosed: false } as const;

/** Signs of life, in the rows that `MongoWorkerLog` makes. */
export class MongoWorkers extends Workers {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async beat(id: WorkerId, beat: number, report: WorkerReport | null): Promise<BeatAnswer> {
    const row = await this.mongo.write('worker.beat', () =>
      this.mongo
        .collection('workers')
        .findOneAndUpdate(
          { _id: id, ...OPEN },
          { $max: { beat }, $set: { report } },
          { projection: { isDraining: 1 } },
        ),
    );
    if (!row) return 'refused';
    return row.isDraining ? 'drain' : 'taken';
  }

  override async askToDrain(id: WorkerId): Promise<boolean> {
    const { matchedCount } = await this.mongo.write('worker.drain', () =>
      this.mongo.collection('workers').updateOne({ _id: id, ...OPEN }, { $set: { isDraining: true } }),
    );
    return matchedCount === 1;
  }

  override async markClosing(id: WorkerId, beat: number): Promise<boolean> {
    const workers = this.mongo.collection('workers');
    const { matchedCount } = await this.mongo.write('worker.close', () =>
      workers.updateOne({ _id: id, $or: [{ beat }, { isClosing: true }] }, { $set: { isClosing: true } }),
    );
    return matchedCount === 1;
  }

  override async unclosed(): Promise<readonly WorkerSign[]> {
    return (await this.rows()).map(({ _id, beat, isClosing }) => ({ id: _id as WorkerId, beat, isClosing }));
  }

  override async reported(): Promise<readonly ReportedWorker[]> {
    return (await this.rows()).map(({ _id, beat, isClosing, report = null, isDraining = false }) => ({
      id: _id as WorkerId,
      beat,
      isClosing,
      report,
      isDraining,
    }));
  }

  private rows(): Promise<readonly WorkerDoc[]> {
    return this.mongo.read(() =>
      this.mongo.collection('workers').find({ isClosed: false }).sort({ opened: 1 }).toArray(),
    );
  }
}
