import mongoose, { mongo } from 'mongoose';
import { randomBytes } from 'node:crypto';
import { addressOf } from './addresses';

/** What a write has to promise before it is acknowledged; a server that does not know it must not refuse it. */
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;
const DUPLICATE = 11000;

interface Row {
  _id: string;
  owner?: string;
  epoch?: number;
  dag?: string;
  at?: number | null;
  tags?: string[];
  text?: string;
}

/** What the document stores ask of MongoDB, asked of whatever answers in its place: docs/services.md. */
describe('The document server', () => {
  let client: mongo.MongoClient;
  let db: mongo.Db;
  let rows: mongo.Collection<Row>;

  beforeAll(async () => {
    client = await mongo.MongoClient.connect(addressOf('mongo'), DURABLE);
  });
  beforeEach(() => {
    db = client.db(`probe_${randomBytes(6).toString('hex')}`);
    rows = db.collection('rows');
  });
  afterEach(async () => {
    await db.dropDatabase();
  });
  afterAll(async () => {
    await client.close();
  });

  const ids = async (filter: mongo.Filter<Row>, options: mongo.FindOptions = {}) =>
    (await rows.find(filter, { sort: { _id: 1 }, ...options }).toArray()).map(({ _id }) => _id);

  it('keeps a unique index over one field and over several', async () => {
    await rows.createIndexes([
      { key: { text: 1 }, unique: true, name: 'text' },
      { key: { dag: 1, epoch: 1 }, unique: true, name: 'dag_epoch' },
    ]);
    await rows.insertOne({ _id: 'a', text: 'x', dag: 'd', epoch: 1 });
    await expect(rows.insertOne({ _id: 'b', text: 'x', dag: 'd', epoch: 2 })).rejects.toMatchObject({
      code: DUPLICATE,
      message: expect.stringContaining('E11000') as string,
    });
    await expect(rows.insertOne({ _id: 'b', text: 'y', dag: 'd', epoch: 1 })).rejects.toMatchObject({
      code: DUPLICATE,
    });
    await expect(rows.insertOne({ _id: 'a', text: 'y', dag: 'e', epoch: 1 })).rejects.toMatchObject({
      code: DUPLICATE,
    });
    await rows.insertOne({ _id: 'b', text: 'y', dag: 'd', epoch: 2 });
    await expect(rows.updateOne({ _id: 'b' }, { $set: { epoch: 1 } })).rejects.toMatchObject({ code: DUPLICATE });
    expect(await ids({ epoch: 2 })).toEqual(['b']);
    expect((await rows.indexes()).map(({ name, unique }) => [name, unique])).toEqual(
      expect.arrayContaining([
        ['text', true],
        ['dag_epoch', true],
      ]),
    );
  });

  it('lets exactly one of 20 racing conditional updates win, every time', async () => {
    const writers = await Promise.all(
      Array.from({ length: 20 }, () => mongo.MongoClient.connect(addressOf('mongo'), { ...DURABLE, maxPoolSize: 1 })),
    );
    try {
      for (let round = 1; round <= 20; round += 1) {
        const _id = `r${round}`;
        await rows.insertOne({ _id, epoch: 1 });
        const results = await Promise.all(
          writers.map((writer, index) =>
            writer
              .db(db.databaseName)
              .collection<Row>('rows')
              .updateOne({ _id, epoch: 1 }, { $set: { owner: `w${index}` }, $inc: { epoch: 1 } }),
          ),
        );
        const winners = results.flatMap(({ modifiedCount }, index) => (modifiedCount === 1 ? [`w${index}`] : []));
        expect(winners).toHaveLength(1);
        expect(await rows.findOne({ _id })).toEqual({ _id, owner: winners[0], epoch: 2 });
      }
    } finally {
      await Promise.all(writers.map((writer) => writer.close()));
    }
  });

  it('lets exactly one of 20 racing inserts of a unique value win', async () => {
    await rows.createIndexes([{ key: { text: 1 }, unique: true }]);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => rows.insertOne({ _id: `i${index}`, text: 'same' })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await rows.countDocuments()).toBe(1);
  });

  it('hands each document to one claimer, in order, and answers with the document as it is now', async () => {
    await rows.insertMany(Array.from({ length: 60 }, (_, at) => ({ _id: `c${at}`, at })));
    const claim = (owner: string) =>
      rows.findOneAndUpdate(
        { owner: { $exists: false } },
        { $set: { owner } },
        { sort: { at: 1 }, returnDocument: 'after' },
      );
    expect(await claim('first')).toEqual({ _id: 'c0', at: 0, owner: 'first' });
    const claimed = await Promise.all(Array.from({ length: 59 }, (_, index) => claim(`w${index}`)));
    expect(new Set(claimed.map((row) => row?._id)).size).toBe(59);
    expect(await claim('late')).toBeNull();
    expect(
      await rows.findOneAndUpdate(
        { _id: 'new' },
        { $setOnInsert: { text: 'made' } },
        { upsert: true, returnDocument: 'after' },
      ),
    ).toEqual({ _id: 'new', text: 'made' });
  });

  it('carries out the rest of an unordered bulk when some of it is refused, and tells which', async () => {
    await rows.createIndexes([{ key: { text: 1 }, unique: true }]);
    await rows.insertOne({ _id: 'there', text: 'taken', epoch: 1 });
    const bulk = rows.bulkWrite(
      [
        { updateOne: { filter: { _id: 'u1' }, update: { $set: { text: 'one' } }, upsert: true } },
        { insertOne: { document: { _id: 'i1', text: 'taken' } } },
        { updateOne: { filter: { _id: 'u2' }, update: { $set: { text: 'taken' } }, upsert: true } },
        { insertOne: { document: { _id: 'i2', text: 'two' } } },
        { updateOne: { filter: { _id: 'there', epoch: 1 }, update: { $inc: { epoch: 1 } } } },
        { updateOne: { filter: { _id: 'there', epoch: 7 }, update: { $inc: { epoch: 1 } } } },
        { replaceOne: { filter: { _id: 'r1' }, replacement: { text: 'three' }, upsert: true } },
        { deleteOne: { filter: { _id: 'absent' } } },
      ],
      { ordered: false },
    );
    const error: unknown = await bulk.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(mongo.MongoBulkWriteError);
    const { writeErrors, result } = error as mongo.MongoBulkWriteError;
    expect([writeErrors].flat().map(({ index, code }) => [index, code])).toEqual(
      expect.arrayContaining([
        [1, DUPLICATE],
        [2, DUPLICATE],
      ]),
    );
    expect([writeErrors].flat()).toHaveLength(2);
    expect(result.matchedCount).toBe(1);
    expect(Object.values(result.upsertedIds).sort()).toEqual(['r1', 'u1']);
    expect(await ids({})).toEqual(['i2', 'r1', 'there', 'u1']);
    expect(await rows.findOne({ _id: 'there' })).toEqual({ _id: 'there', text: 'taken', epoch: 2 });
  });

  it('stops an ordered insert of many at the first that is refused', async () => {
    const many = rows.insertMany([{ _id: 'a' }, { _id: 'b' }, { _id: 'a' }, { _id: 'c' }], { ordered: true });
    await expect(many).rejects.toMatchObject({ code: DUPLICATE, writeErrors: [{ index: 2 }] });
    expect(await ids({})).toEqual(['a', 'b']);
  });

  it('finds by ranges, alternatives and lists, sorted and limited', async () => {
    await rows.insertMany([
      { _id: 'a', at: 5, dag: 'x' },
      { _id: 'b', at: 1, dag: 'y' },
      { _id: 'c', at: 3, dag: 'x' },
      { _id: 'd', at: null, dag: 'x' },
      { _id: 'e', dag: 'z' },
      { _id: 'f', at: 3, dag: 'y' },
    ]);
    expect(await ids({ at: { $lt: 5 } }, { sort: { at: 1, _id: -1 } })).toEqual(['b', 'f', 'c']);
    expect(await ids({ at: { $gt: 1, $lte: 5 } }, { sort: { at: -1, _id: 1 }, limit: 2 })).toEqual(['a', 'c']);
    expect(await ids({ dag: { $in: ['y', 'z'] } })).toEqual(['b', 'e', 'f']);
    expect(await ids({ dag: { $nin: ['y', 'z'] }, at: { $ne: 5 } })).toEqual(['c', 'd']);
    expect(await ids({ $or: [{ at: { $lt: 3 } }, { at: 3, _id: { $gt: 'c' } }] })).toEqual(['b', 'f']);
    expect(await ids({ at: null })).toEqual(['d', 'e']);
    expect(await ids({ at: { $exists: true } })).toEqual(['a', 'b', 'c', 'd', 'f']);
    expect(await ids({ $and: [{ dag: 'x' }, { $nor: [{ at: 5 }] }] })).toEqual(['c', 'd']);
    expect(await rows.find({ _id: 'a' }, { projection: { at: 1, _id: 0 } }).toArray()).toEqual([{ at: 5 }]);
    expect(await rows.countDocuments({ dag: 'x' })).toBe(3);
    expect(await rows.countDocuments({ dag: 'x' }, { limit: 2 })).toBe(2);
    expect((await rows.distinct('dag')).sort()).toEqual(['x', 'y', 'z']);
  });

  it('hands a long answer over in pieces, whole and in order', async () => {
    const count = 2500;
    await rows.insertMany(Array.from({ length: count }, (_, at) => ({ _id: `p${String(at).padStart(5, '0')}`, at })));
    const seen: number[] = [];
    for await (const { at } of rows.find({}, { sort: { _id: 1 }, batchSize: 100 })) seen.push(at!);
    expect(seen).toEqual(Array.from({ length: count }, (_, at) => at));
  });

  it('sets, removes, counts up, and compares through paths and arrays', async () => {
    await rows.insertOne({ _id: 'a', text: 'gone', epoch: 1, tags: ['red', 'blue'] });
    await rows.insertOne({ _id: 'b', tags: ['blue'] });
    const { matchedCount, modifiedCount } = await rows.updateOne(
      { _id: 'a' },
      { $set: { 'deep.er': 1, at: 4 }, $unset: { text: '' }, $inc: { epoch: 5 }, $push: { tags: 'green' } },
    );
    expect([matchedCount, modifiedCount]).toEqual([1, 1]);
    expect(await rows.findOne({ _id: 'a' })).toEqual({
      _id: 'a',
      epoch: 6,
      at: 4,
      deep: { er: 1 },
      tags: ['red', 'blue', 'green'],
    });
    expect(await ids({ tags: 'blue' })).toEqual(['a', 'b']);
    expect(await ids({ tags: 'green' })).toEqual(['a']);
    expect(await ids({ 'deep.er': 1 })).toEqual(['a']);
    expect(await ids({ tags: { $size: 1 } })).toEqual(['b']);
    await rows.updateMany({}, { $pull: { tags: 'blue' }, $max: { epoch: 3 } });
    expect(await rows.find({}, { sort: { _id: 1 } }).toArray()).toEqual([
      expect.objectContaining({ tags: ['red', 'green'], epoch: 6 }),
      expect.objectContaining({ tags: [], epoch: 3 }),
    ]);
  });

  it('deletes many, and only what it was asked to', async () => {
    await rows.insertMany(Array.from({ length: 50 }, (_, at) => ({ _id: `d${at}`, at })));
    expect(await rows.deleteMany({ at: { $lt: 20 } })).toEqual({ acknowledged: true, deletedCount: 20 });
    expect(await rows.countDocuments()).toBe(30);
    expect(await rows.findOneAndDelete({ at: 20 })).toEqual({ _id: 'd20', at: 20 });
    expect(await rows.countDocuments()).toBe(29);
  });

  it('keeps texts of 5 MB, and what JSON and bytes are made of, as they were', async () => {
    const text = 'ä☃x'.repeat(1_000_000);
    await rows.insertOne({ _id: 'big', text });
    await rows.updateOne({ _id: 'big' }, { $set: { epoch: 1 } });
    const big = await rows.findOne({ _id: 'big' });
    expect(big?.text === text).toBe(true);
    const all = {
      whole: 42,
      half: 0.5,
      large: Number.MAX_SAFE_INTEGER,
      no: false,
      none: null,
      empty: {},
      list: [1, 'two', [3], { four: 4 }],
      zero: 'a\u0000b',
      when: new Date('2026-01-02T03:04:05.678Z'),
    };
    const mixed = db.collection<{ _id: string }>('mixed');
    await mixed.insertOne({ _id: 'all', ...all, bytes: new mongo.Binary(Buffer.from([0, 255, 1])) } as { _id: string });
    const found = (await mixed.findOne({ _id: 'all' })) as unknown as Record<string, unknown>;
    expect(found).toMatchObject(all);
    expect(Buffer.from((found.bytes as mongo.Binary).buffer)).toEqual(Buffer.from([0, 255, 1]));
  });

  it('takes the read concerns of a majority', async () => {
    await rows.insertOne({ _id: 'a' });
    expect(await db.collection('rows', { readConcern: { level: 'majority' } }).countDocuments()).toBe(1);
    expect(await rows.findOne({ _id: 'a' }, { readConcern: { level: 'linearizable' } })).toEqual({ _id: 'a' });
  });

  it('serves mongoose: indexes of a schema, and a document that was changed in between', async () => {
    const connection = await mongoose.createConnection(addressOf('mongo'), { dbName: db.databaseName }).asPromise();
    try {
      const schema = new mongoose.Schema(
        { _id: String, name: String, list: [String] },
        { optimisticConcurrency: true, writeConcern: { w: 'majority', journal: true } },
      );
      schema.index({ name: 1 }, { unique: true });
      const Thing = connection.model('Thing', schema);
      await Thing.init();
      await Thing.create({ _id: 'a', name: 'one', list: ['x'] });
      await expect(Thing.create({ _id: 'b', name: 'one' })).rejects.toMatchObject({ code: DUPLICATE });
      const [mine, theirs] = [await Thing.findById('a').orFail(), await Thing.findById('a').orFail()];
      theirs.name = 'two';
      await theirs.save();
      mine.name = 'three';
      await expect(mine.save()).rejects.toBeInstanceOf(mongoose.Error.VersionError);
      expect(await Thing.findById('a').lean()).toMatchObject({ name: 'two', list: ['x'] });
    } finally {
      await connection.close();
    }
  });
});
