import {
  InstanceBirths,
  InstanceStore,
  type Cursor,
  type HistoryChunk,
  type Holding,
  type Instance,
  type InstanceBirth,
  type InstanceFilter,
  type InstanceHeader,
  type InstanceRows,
  type OutboxItem,
  type StoredRun,
  type Task,
  type WakePlace,
} from '@flow/instances';
import {
  decodeCursor,
  encodeCursor,
  type DagId,
  type DomainId,
  type InstanceId,
  type Page,
  type PageRequest,
  type WorkerId,
} from '@flow/kernel';
import type { Filter } from './driver';
import { FIRST_ENDED_CODE, type InstanceDoc, type TaskDoc } from './collections';
import {
  chunkFrom,
  headerFields,
  headerFrom,
  instanceFrom,
  newerChunk,
  newerHeader,
  newerTask,
  taskKey,
} from './instance.docs';
import { listInstances } from './instance-list';
import { putEvents } from './event-outbox.mongo';
import { isDuplicate, type Mongo } from './mongo';
import { pageOf } from './pages';

const IS_LIVE = { $lt: FIRST_ENDED_CODE } as const;
const HAS_ENDED = { $gte: FIRST_ENDED_CODE } as const;
/** As many claims at once as one request of another kind would cost. */
const CLAIMED_AT_ONCE = 50;

/** Rows of instances: tasks, history and messages are written first, headers last; a claim changes one header and then reads. */
export class MongoInstanceStore extends InstanceStore {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async project(rows: readonly InstanceRows[]): Promise<void> {
    if (rows.length === 0) return;
    const gone = await this.tombstones(rows.map(({ header }) => header.instance.id));
    const staying = rows.filter(({ header }) => !gone.has(header.instance.id));
    await Promise.all([
      this.putTasks(staying),
      this.putHistory(staying),
      this.putOutbox(staying),
      putEvents(
        this.mongo,
        staying.flatMap(({ told }) => told ?? []),
      ),
    ]);
    await this.mongo.putNewer('instance.project', 'instances', staying.map(newerHeader));
  }

  override async claim(
    id: InstanceId,
    { owner, epoch }: { owner: WorkerId | null; epoch: number },
    to: WorkerId,
  ): Promise<StoredRun | undefined> {
    const row = await this.mongo.write('instance.claim', () =>
      this.instances.findOneAndUpdate(
        { _id: id, owner, epoch, status: IS_LIVE },
        { $set: { owner: to, wakeMs: null }, $inc: { epoch: 1 } },
        { returnDocument: 'after' },
      ),
    );
    return row ? this.withHistory(row) : undefined;
  }

  override async load(id: InstanceId): Promise<StoredRun | undefined> {
    const row = await this.rowOf(id);
    return row ? this.withHistory(row) : undefined;
  }

  override async header(id: InstanceId): Promise<InstanceHeader | undefined> {
    const row = await this.rowOf(id);
    return row ? headerFrom(row) : undefined;
  }

  override async claimParked(
    from: readonly { readonly id: InstanceId; readonly epoch: number }[],
    to: WorkerId,
  ): Promise<readonly StoredRun[]> {
    const claimed: StoredRun[] = [];
    for (let i = 0; i < from.length; i += CLAIMED_AT_ONCE) {
      const some = from.slice(i, i + CLAIMED_AT_ONCE);
      const runs = await Promise.all(some.map(({ id, epoch }) => this.claim(id, { owner: null, epoch }, to)));
      claimed.push(...runs.filter((run) => run !== undefined));
    }
    return claimed;
  }

  override async held(afterId: InstanceId | null, limit: number): Promise<readonly InstanceHeader[]> {
    const rows = await this.mongo.read(() =>
      this.instances
        .find({ _id: { $gt: afterId ?? '' }, owner: { $type: 'string' } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    );
    return rows.map(headerFrom);
  }

  override async parked(ids: readonly InstanceId[]): Promise<readonly InstanceHeader[]> {
    const rows = await this.mongo.read(() =>
      this.instances.find({ _id: { $in: [...ids] }, owner: null, status: IS_LIVE }).toArray(),
    );
    const byId = new Map(rows.map((row) => [row._id, row]));
    return ids.flatMap((id) => {
      const row = byId.get(id);
      return row ? [headerFrom(row)] : [];
    });
  }

  override async waking(until: number, after: WakePlace | null, limit: number): Promise<readonly WakePlace[]> {
    const { at = -1, id = '' } = after ?? {};
    const rows = await this.mongo.read(() =>
      this.instances
        .find({
          wakeMs: { $gte: at, $lte: Math.min(until, Number.MAX_SAFE_INTEGER) },
          $or: [{ wakeMs: { $gt: at } }, { wakeMs: at, _id: { $gt: id } }],
        })
        .sort({ wakeMs: 1, _id: 1 })
        .limit(limit)
        .project<Pick<InstanceDoc, '_id' | 'wakeMs'>>({ wakeMs: 1 })
        .toArray(),
    );
    return rows.map(({ _id, wakeMs }) => ({ at: Number(wakeMs), id: _id as InstanceId }));
  }

  override async names(workerId: WorkerId): Promise<boolean> {
    const row = await this.mongo.read(() =>
      this.instances.findOne({ owner: workerId, status: IS_LIVE }, { projection: { _id: 1 } }),
    );
    return row !== null;
  }

  /** From one to the next by the index, whatever each holds. */
  override async owners(): Promise<readonly WorkerId[]> {
    const owners: WorkerId[] = [];
    for (let after = ''; ;) {
      const row = await this.mongo.read(() =>
        this.instances
          .find({ owner: { $gt: after } })
          .sort({ owner: 1, _id: 1 })
          .limit(1)
          .project<Pick<InstanceDoc, 'owner'>>({ owner: 1 })
          .next(),
      );
      if (!row?.owner) return owners;
      after = row.owner;
      owners.push(after as WorkerId);
    }
  }

  override async heldBy(workerId: WorkerId): Promise<readonly Holding[]> {
    const rows = await this.mongo.read(() =>
      this.instances.find({ owner: workerId }).project<InstanceDoc>({ epoch: 1, status: 1 }).toArray(),
    );
    return rows.map(({ _id, epoch, status }) => ({
      id: _id as InstanceId,
      epoch,
      hasEnded: status >= FIRST_ENDED_CODE,
    }));
  }

  override async release(ids: readonly InstanceId[]): Promise<number> {
    const { modifiedCount } = await this.mongo.write('instance.release', () =>
      this.instances.updateMany(
        { _id: { $in: [...ids] }, owner: { $type: 'string' }, status: HAS_ENDED },
        { $set: { owner: null } },
      ),
    );
    return modifiedCount;
  }

  override async outbox(afterId: string, limit: number): Promise<readonly OutboxItem[]> {
    const rows = await this.mongo.read(() =>
      this.mongo
        .collection('outbox')
        .find({ _id: { $gt: afterId } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    );
    return rows.map(({ _id, message }) => ({ id: _id, message: JSON.parse(message) as OutboxItem['message'] }));
  }

  override async settleOutbox(ids: readonly string[]): Promise<void> {
    await this.mongo.write('instance.settle', () =>
      this.mongo.collection('outbox').deleteMany({ _id: { $in: [...ids] } }),
    );
  }

  override async newestAttempt(domain: DomainId, rootId: InstanceId): Promise<Instance | undefined> {
    const row = await this.mongo.read(() =>
      this.instances.find({ root: rootId }).sort({ root: 1, attempt: -1, _id: -1 }).limit(1).next(),
    );
    return this.find(domain, (row?._id ?? rootId) as InstanceId);
  }

  override async approvals(
    domain: DomainId,
    assignee: string,
    page: PageRequest,
  ): Promise<Page<{ readonly task: Task; readonly instance: Instance }>> {
    const asked: Filter<TaskDoc> = { askedIn: domain, asked: assignee };
    const after = page.cursor === undefined ? '' : String(decodeCursor(page.cursor, ['string'])[0]);
    const rows = await this.mongo.read(() =>
      this.tasksOf
        .find({ ...asked, id: { $gt: after } })
        .sort({ id: 1 })
        .limit(page.limit + 1)
        .toArray(),
    );
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    const instances = await this.mongo.read(() =>
      this.instances.find({ _id: { $in: shown.map(({ instance }) => instance) } }).toArray(),
    );
    const byId = new Map(instances.map((row) => [row._id, instanceFrom(row)]));
    const total = page.count && (await this.mongo.read(() => this.tasksOf.countDocuments(asked)));
    return {
      items: shown.flatMap(({ instance: id, doc }) => {
        const instance = byId.get(id);
        return instance ? [{ task: JSON.parse(doc) as Task, instance }] : [];
      }),
      nextCursor: last ? encodeCursor([last.id]) : null,
      ...(page.count && { total: Number(total) }),
    };
  }

  override async standing(domain: DomainId, id: InstanceId): Promise<Instance | 'purged' | undefined> {
    return (await this.find(domain, id)) ?? ((await this.tombstones([id])).has(id) ? 'purged' : undefined);
  }

  override async find(domain: DomainId, id: InstanceId): Promise<Instance | undefined> {
    const row = await this.visible(domain, id);
    return row ? instanceFrom(row) : undefined;
  }

  override async list(domain: DomainId, filter: InstanceFilter, page: PageRequest): Promise<Page<Instance>> {
    return listInstances(this.mongo, domain, filter, page);
  }

  override async tasks(domain: DomainId, id: InstanceId, page: PageRequest): Promise<Page<Task>> {
    if (!(await this.visible(domain, id))) return { items: [], nextCursor: null, ...(page.count && { total: 0 }) };
    const after = page.cursor === undefined ? '' : String(decodeCursor(page.cursor, ['string'])[0]);
    const last = taskKey(id, '\uffff');
    const { items, goOnBehind } = await pageOf(
      this.mongo,
      this.tasksOf.find({ _id: { $gt: taskKey(id, after), $lt: last } }).sort({ _id: 1 }),
      page.limit,
    );
    const all = { _id: { $gt: taskKey(id, ''), $lt: last } };
    const total = page.count && (await this.mongo.read(() => this.tasksOf.countDocuments(all)));
    return {
      items: items.map(({ doc }) => JSON.parse(doc) as Task),
      nextCursor: goOnBehind ? encodeCursor([goOnBehind.id]) : null,
      ...(page.count && { total: Number(total) }),
    };
  }

  override async task(domain: DomainId, id: InstanceId, taskId: string): Promise<Task | undefined> {
    if (!(await this.visible(domain, id))) return undefined;
    const row = await this.mongo.read(() => this.tasksOf.findOne({ _id: taskKey(id, taskId) }));
    return row ? (JSON.parse(row.doc) as Task) : undefined;
  }

  override async history(
    domain: DomainId,
    id: InstanceId,
    afterSeq: number,
    limit: number,
  ): Promise<readonly HistoryChunk[]> {
    return (await this.visible(domain, id)) ? this.chunksBehind(id, afterSeq, limit) : [];
  }

  override async cursor(domain: DomainId, id: InstanceId): Promise<Cursor | undefined> {
    return (await this.visible(domain, id))?.cursor;
  }

  override async hasDebugRuns(): Promise<boolean> {
    return (await this.mongo.read(() => this.instances.findOne({ expiresMs: { $gt: 0 } }))) !== null;
  }

  override async countDebugRuns(domain: DomainId, createdBy: string): Promise<number> {
    const rows = await this.mongo.read(() =>
      this.instances
        .find({ expiresMs: { $gt: 0 }, domain, status: { $lt: FIRST_ENDED_CODE } })
        .project<Pick<InstanceDoc, 'doc'>>({ doc: 1 })
        .toArray(),
    );
    return rows.map(instanceFrom).filter((one) => one.createdBy === createdBy && one.parentId === null).length;
  }

  override async endedDebugRuns(before: Date, limit: number): Promise<readonly Pick<Instance, 'id' | 'domain'>[]> {
    const rows = await this.mongo.read(() =>
      this.instances
        .find({ expiresMs: { $lt: before.getTime() }, status: HAS_ENDED })
        .sort({ expiresMs: 1 })
        .limit(limit)
        .project<Pick<InstanceDoc, '_id' | 'domain'>>({ domain: 1 })
        .toArray(),
    );
    return rows.map(({ _id, domain }) => ({ id: _id as InstanceId, domain: domain as DomainId }));
  }

  override async purgeDebugRuns(ids: readonly InstanceId[]): Promise<void> {
    const rows = await this.mongo.read(() =>
      this.instances
        .find({ _id: { $in: [...ids] }, expiresMs: { $gt: 0 }, status: HAS_ENDED })
        .project<Pick<InstanceDoc, '_id'>>({ _id: 1 })
        .toArray(),
    );
    for (const { _id } of rows)
      await this.mongo.write('instance.purge', async () => {
        await this.tasksOf.deleteMany({ _id: { $gt: taskKey(_id, ''), $lt: taskKey(_id, '\uffff') } });
        await this.mongo.collection('history').deleteMany({ instance: _id });
        await this.mongo.collection('inbox').deleteMany({ instance: _id });
        await this.instances.deleteOne({ _id });
      });
  }

  override async countUnfinished(domain: DomainId, dagId: DagId): Promise<number> {
    return this.mongo.read(() => this.instances.countDocuments({ listed: domain, dagId, status: IS_LIVE }));
  }

  private get instances() {
    return this.mongo.collection('instances');
  }

  private get tasksOf() {
    return this.mongo.collection('tasks');
  }

  private async putTasks(rows: readonly InstanceRows[]): Promise<void> {
    const all = rows.flatMap(({ header: { instance, seq }, tasks }) =>
      tasks.map((task) => newerTask(instance, seq, task)),
    );
    await this.mongo.putNewer('instance.tasks', 'tasks', all);
  }

  /** What lies within a chunk goes when that stands, so that chunks rise in both ends. */
  private async putHistory(rows: readonly InstanceRows[]): Promise<void> {
    const chunks = rows.flatMap(({ header, history }) =>
      history.map((chunk) => ({ instance: header.instance.id, chunk })),
    );
    await this.mongo.putNewer(
      'instance.history',
      'history',
      chunks.map(({ instance, chunk }) => newerChunk(instance, chunk)),
    );
    const wide = chunks.filter(({ chunk: { fromSeq, toSeq } }) => fromSeq < toSeq);
    if (wide.length === 0) return;
    await this.mongo.write('instance.chunks', () =>
      this.mongo.collection('history').bulkWrite(
        wide.map(({ instance, chunk: { fromSeq, toSeq } }) => ({
          deleteMany: { filter: { instance, fromSeq: { $gt: fromSeq, $lte: toSeq }, toSeq: { $lte: toSeq } } },
        })),
        { ordered: false },
      ),
    );
  }

  private async putOutbox(rows: readonly InstanceRows[]): Promise<void> {
    const messages = rows.flatMap(({ header, outbox }) =>
      outbox.map(({ id, message }) => ({
        filter: { _id: id },
        update: { $setOnInsert: { instance: header.instance.id, message: JSON.stringify(message) } },
      })),
    );
    await this.mongo.putNewer('instance.outbox', 'outbox', messages);
  }

  private rowOf(id: InstanceId): Promise<InstanceDoc | null> {
    return this.mongo.read(() => this.instances.findOne({ _id: id }));
  }

  private visible(domain: DomainId, id: InstanceId): Promise<InstanceDoc | null> {
    return this.mongo.read(() => this.instances.findOne({ _id: id, domain, isGoing: { $exists: false } }));
  }

  private async withHistory(row: InstanceDoc): Promise<StoredRun> {
    const cursor = row.cursor ?? null;
    const header = headerFrom(row);
    // Chunks are behind the cursor only where the header is.
    const isWhole = cursor !== null && cursor.seq >= header.seq;
    const history = isWhole ? [] : await this.chunksBehind(row._id as InstanceId, cursor?.seq ?? 0, 0);
    return { header, cursor, history };
  }

  /** `limit` 0 is no limit. */
  private async chunksBehind(instance: InstanceId, afterSeq: number, limit: number): Promise<HistoryChunk[]> {
    const rows = await this.mongo.read(() =>
      this.mongo
        .collection('history')
        .find({ instance, toSeq: { $gt: afterSeq } })
        .sort({ fromSeq: 1 })
        .limit(limit)
        .toArray(),
    );
    return rows.map(chunkFrom);
  }

  private async tombstones(ids: readonly InstanceId[]): Promise<ReadonlySet<string>> {
    const rows = await this.mongo.read(() =>
      this.mongo
        .collection('tombstones')
        .find({ _id: { $in: [...new Set<string>(ids)] } })
        .toArray(),
    );
    return new Set(rows.map(({ _id }) => _id));
  }
}

/** Creation by one insert. */
export class MongoInstanceBirths extends InstanceBirths {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async create(birth: InstanceBirth): Promise<Instance | 'purged'> {
    const { instance, epoch } = birth.header;
    const instances = this.mongo.collection('instances');
    if (await this.mongo.read(() => this.mongo.collection('tombstones').findOne({ _id: instance.id }))) return 'purged';
    const { set } = headerFields(birth);
    try {
      const row = { _id: instance.id, epoch, ...set } as unknown as InstanceDoc;
      await this.mongo.write('instance.create', () => instances.insertOne(row));
      return instance;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const standing = await this.mongo.read(() => instances.findOne({ _id: instance.id }));
    if (!standing) throw new Error(`Instance ${instance.id} stood and is gone in the same moment.`);
    return instanceFrom(standing);
  }
}
