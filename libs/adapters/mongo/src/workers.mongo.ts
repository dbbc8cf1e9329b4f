import { Workers, type WorkerSign } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import type { Mongo } from './mongo';

/** Signs of life, in the rows that `MongoWorkerLog` makes. */
export class MongoWorkers extends Workers {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async beat(id: WorkerId, beat: number): Promise<boolean> {
    const { matchedCount } = await this.mongo.write('worker.beat', () =>
      this.mongo.collection('workers').updateOne({ _id: id, isClosing: false, isClosed: false }, { $max: { beat } }),
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
    const rows = await this.mongo.read(() =>
      this.mongo.collection('workers').find({ isClosed: false }).sort({ opened: 1 }).toArray(),
    );
    return rows.map(({ _id, beat, isClosing }) => ({ id: _id as WorkerId, beat, isClosing }));
  }
}
