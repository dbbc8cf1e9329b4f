import { EndedInstances, type EndedGroup, type EndedInstance, type EndedPlace } from '@flow/instances';
import type { DagId, DomainId, EndStatus, InstanceId } from '@flow/kernel';
import { IDEMPOTENCY_KEEP_MS } from '@flow/platform';
import type { Filter } from './driver';
import { FIRST_ENDED_CODE, STATUS_CODE, type InstanceDoc } from './collections';
import { taskKey } from './instance.docs';
import type { Mongo } from './mongo';

/** Rows that one step removes. */
const ROWS_A_STEP = 1_000;
const INSTANCES_A_STEP = 20;

const END_OF: Readonly<Record<number, EndStatus>> = {
  [STATUS_CODE.succeeded]: 'succeeded',
  [STATUS_CODE.failed]: 'failed',
  [STATUS_CODE.cancelled]: 'cancelled',
};

/** Ended instances. One that is removed is hidden by one update, and its rows follow in steps, its header last. */
export class MongoEndedInstances extends EndedInstances {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  /** The next group is one step down the index, however many instances the one before has. */
  override async groups(
    domain: DomainId | null,
    after: EndedGroup | null,
    limit: number,
  ): Promise<readonly (EndedGroup & { readonly oldest: Date })[]> {
    const groups: (EndedGroup & { readonly oldest: Date })[] = [];
    for (let last = after; groups.length < limit;) {
      const row = await this.mongo.read(() =>
        this.instances
          .find({ ended: domain ?? { $gt: '' }, ...(last && behindGroup(last)) })
          .sort({ ended: 1, dagId: 1, status: 1, endedMs: 1, _id: 1 })
          .limit(1)
          .next(),
      );
      const status = row ? END_OF[row.status] : undefined;
      if (!row || !status) break;
      last = { domain: row.ended as DomainId, dagId: row.dagId as DagId, status };
      groups.push({ ...last, oldest: new Date(Number(row.endedMs)) });
    }
    return groups;
  }

  override async endedBefore(
    { domain, dagId, status }: EndedGroup,
    before: Date,
    after: EndedPlace | null,
    limit: number,
  ): Promise<readonly EndedInstance[]> {
    const { endedMs, tie } = after ?? { endedMs: Number.MIN_SAFE_INTEGER, tie: '' };
    const rows = await this.mongo.read(() =>
      this.instances
        .find({
          ended: domain,
          dagId,
          status: STATUS_CODE[status],
          endedMs: { $gte: endedMs, $lt: before.getTime() },
          $or: [{ endedMs: { $gt: endedMs } }, { endedMs, _id: { $gt: tie } }],
        })
        .sort({ endedMs: 1, _id: 1 })
        .limit(limit)
        .project<Pick<InstanceDoc, '_id' | 'endedMs' | 'parent'>>({ endedMs: 1, parent: 1 })
        .toArray(),
    );
    const needed = await this.needed(rows);
    return rows.map((row) => ({
      id: row._id as InstanceId,
      place: { endedMs: Number(row.endedMs), tie: row._id },
      needed: needed.has(row._id),
    }));
  }

  override async purge(ids: readonly InstanceId[], now: Date): Promise<number> {
    const going: Filter<InstanceDoc> = { _id: { $in: [...ids] }, ended: { $exists: true } };
    const rows = await this.mongo.read(() =>
      this.instances.find(going).project<Pick<InstanceDoc, '_id' | 'createdMs'>>({ createdMs: 1 }).toArray(),
    );
    if (rows.length === 0) return 0;
    await this.entomb(rows, now);
    const gone = rows.map(({ _id }) => _id);
    const { modifiedCount } = await this.mongo.write('ended.purge', () =>
      this.instances.updateMany(going, {
        $set: { isGoing: true, labels: [] },
        $unset: { listed: '', ended: '', root: '' },
      }),
    );
    await this.mongo.write('ended.beside', async () => {
      await this.mongo.collection('deliveries').deleteMany({ instance: { $in: gone } });
      await this.mongo.collection('inbox').deleteMany({ instance: { $in: gone } });
    });
    await this.removeSome(gone);
    return modifiedCount;
  }

  override async clear(): Promise<boolean> {
    const rows = await this.mongo.read(() =>
      this.instances
        .find({ isGoing: true })
        .limit(INSTANCES_A_STEP)
        .project<Pick<InstanceDoc, '_id'>>({ _id: 1 })
        .toArray(),
    );
    if (rows.length === 0) return false;
    const isDone = await this.removeSome(rows.map(({ _id }) => _id));
    return !isDone || rows.length === INSTANCES_A_STEP;
  }

  override async forget(now: Date, limit: number): Promise<number> {
    const tombstones = this.mongo.collection('tombstones');
    const old = await this.mongo.read(() =>
      tombstones
        .find({ untilMs: { $lte: now.getTime() } })
        .sort({ untilMs: 1 })
        .limit(limit)
        .toArray(),
    );
    const { deletedCount } = await this.mongo.write('ended.forget', () =>
      tombstones.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } }),
    );
    return deletedCount;
  }

  override async unknown(names: readonly string[]): Promise<readonly string[]> {
    const rows = await this.mongo.read(() =>
      this.instances
        .find({ _id: { $in: [...names] } })
        .project<Pick<InstanceDoc, '_id'>>({ _id: 1 })
        .toArray(),
    );
    const known = new Set(rows.map(({ _id }) => _id));
    return names.filter((name) => !known.has(name));
  }

  private get instances() {
    return this.mongo.collection('instances');
  }

  /** A parent that has not ended may ask for one again, or something that it said is on its way. */
  private async needed(rows: readonly Pick<InstanceDoc, '_id' | 'parent'>[]): Promise<ReadonlySet<string>> {
    const ids = rows.map(({ _id }) => _id);
    const parents = rows.flatMap(({ parent }) => parent ?? []);
    const [living, messages, deliveries] = await this.mongo.read(() =>
      Promise.all([
        this.instances
          .find({ _id: { $in: parents }, status: { $lt: FIRST_ENDED_CODE } })
          .project<Pick<InstanceDoc, '_id'>>({ _id: 1 })
          .toArray(),
        this.mongo
          .collection('outbox')
          .find({ instance: { $in: ids } })
          .toArray(),
        this.mongo
          .collection('deliveries')
          .find({ instance: { $in: ids }, lane: { $exists: true } })
          .toArray(),
      ]),
    );
    const alive = new Set(living.map(({ _id }) => _id));
    return new Set([
      ...rows.filter(({ parent }) => parent !== undefined && alive.has(parent)).map(({ _id }) => _id),
      ...[...messages, ...deliveries].map(({ instance }) => instance),
    ]);
  }

  /** Before it is hidden: a key that comes again in between finds one or the other. */
  private async entomb(rows: readonly Pick<InstanceDoc, '_id' | 'createdMs'>[], now: Date): Promise<void> {
    const young = rows.filter(({ createdMs }) => createdMs + IDEMPOTENCY_KEEP_MS > now.getTime());
    if (young.length === 0) return;
    await this.mongo.write('ended.entomb', () =>
      this.mongo.collection('tombstones').bulkWrite(
        young.map(({ _id, createdMs }) => ({
          updateOne: { filter: { _id }, update: { $set: { untilMs: createdMs + IDEMPOTENCY_KEEP_MS } }, upsert: true },
        })),
        { ordered: false },
      ),
    );
  }

  /** False when some of their rows are left. A header goes when nothing is left under it. */
  private async removeSome(ids: readonly string[]): Promise<boolean> {
    return this.mongo.write('ended.clear', async () => {
      let left = ROWS_A_STEP;
      for (const instance of ids) {
        left -= await this.removeRows(
          'tasks',
          { _id: { $gt: taskKey(instance, ''), $lt: taskKey(instance, '\uffff') } },
          left,
        );
        if (left > 0) left -= await this.removeRows('history', { instance }, left);
        if (left <= 0) return false;
        await this.instances.deleteOne({ _id: instance, isGoing: true });
      }
      return true;
    });
  }

  private async removeRows(name: 'tasks' | 'history', of: Filter<{ _id: string }>, limit: number): Promise<number> {
    const rows = this.mongo.collection<'tasks'>(name as 'tasks');
    const some = await rows
      .find(of as never)
      .limit(limit)
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    if (some.length === 0) return 0;
    return (await rows.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } })).deletedCount;
  }
}

function behindGroup({ domain, dagId, status }: EndedGroup): Filter<InstanceDoc> {
  return {
    $or: [
      { ended: { $gt: domain } },
      { ended: domain, dagId: { $gt: dagId } },
      { ended: domain, dagId, status: { $gt: STATUS_CODE[status] } },
    ],
  };
}
