// What a server that speaks MongoDB's protocol can do beyond what the stores ask of it (test/services/mongo.services.spec.ts asks that):
// node scripts/lib/mongo-abilities.mjs [address]. The table in docs/services.md is what this prints of the stand-in.
import mongoose from 'mongoose';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

const address = process.argv[2] ?? process.env.TEST_MONGO_URL ?? 'mongodb://127.0.0.1:21017/';
const client = await mongoose.mongo.MongoClient.connect(address, { serverSelectionTimeoutMS: 3000 });
const db = client.db(`abilities_${randomBytes(6).toString('hex')}`);
const { equal, deepEqual, ok, rejects } = assert;

const refusesDuplicates = (insert) => rejects(insert, { code: 11000 });
const stages = (plan) => JSON.stringify(plan.queryPlanner?.winningPlan ?? {});

const ABILITIES = {
  'explain tells which index is used': async (rows) => {
    await rows.createIndex({ at: 1 });
    ok(stages(await rows.find({ at: 1 }).explain()).includes('IXSCAN'));
  },
  'lists indexes that are not unique': async (rows) => {
    await rows.createIndex({ at: 1 }, { name: 'at' });
    ok((await rows.indexes()).some(({ name }) => name === 'at'));
  },
  'a unique index with a partial filter holds only what the filter takes in': async (rows) => {
    await rows.createIndex({ key: 1 }, { unique: true, partialFilterExpression: { live: true } });
    await rows.insertMany([
      { key: 1, live: true },
      { key: 1, live: false },
      { key: 1, live: false },
    ]);
    await refusesDuplicates(rows.insertOne({ key: 1, live: true }));
  },
  'a unique sparse index lets many be without the field': async (rows) => {
    await rows.createIndex({ key: 1 }, { unique: true, sparse: true });
    await rows.insertMany([{}, {}, { key: 1 }]);
    await refusesDuplicates(rows.insertOne({ key: 1 }));
  },
  'a unique index without sparse takes one that is without the field': async (rows) => {
    await rows.createIndex({ key: 1 }, { unique: true });
    await rows.insertOne({});
    await refusesDuplicates(rows.insertOne({}));
  },
  'a unique index over an array holds each of its values': async (rows) => {
    await rows.createIndex({ tags: 1 }, { unique: true });
    await rows.insertOne({ tags: ['a', 'b'] });
    await refusesDuplicates(rows.insertOne({ tags: ['b', 'c'] }));
  },
  'a unique index over existing duplicates is refused': async (rows) => {
    await rows.insertMany([{ key: 1 }, { key: 1 }]);
    await refusesDuplicates(rows.createIndex({ key: 1 }, { unique: true }));
  },
  'an index of the same name over other fields is refused': async (rows) => {
    await rows.createIndex({ a: 1 }, { name: 'same' });
    await rejects(rows.createIndex({ b: 1 }, { name: 'same' }));
  },
  'hint of an index that is not there is refused': (rows) =>
    rows.insertOne({ a: 1 }).then(() => rejects(rows.find({ a: 1 }).hint('absent').toArray())),
  'transactions over two documents, undone when aborted': async (rows) => {
    await rows.insertOne({ _id: 'a', at: 1 });
    await client.withSession(async (session) => {
      session.startTransaction();
      await rows.updateOne({ _id: 'a' }, { $set: { at: 2 } }, { session });
      await rows.insertOne({ _id: 'b' }, { session });
      await session.abortTransaction();
    });
    deepEqual(await rows.find().toArray(), [{ _id: 'a', at: 1 }]);
  },
  'change streams': async (rows) => {
    const stream = rows.watch([], { maxAwaitTimeMS: 500 });
    try {
      await stream.tryNext();
      await rows.insertOne({ _id: 'a' });
      equal((await stream.tryNext())?.documentKey?._id, 'a');
    } finally {
      await stream.close();
    }
  },
  'TTL indexes are kept with their seconds': async (rows) => {
    await rows.createIndex({ until: 1 }, { expireAfterSeconds: 60 });
    ok((await rows.indexes()).some(({ expireAfterSeconds }) => expireAfterSeconds === 60));
  },
  'updates by a pipeline of expressions': async (rows) => {
    await rows.insertOne({ _id: 'a', at: 1 });
    await rows.updateOne({ _id: 'a' }, [{ $set: { at: { $add: ['$at', 5] } } }]);
    equal((await rows.findOne()).at, 6);
  },
  '$expr compares fields of a document': async (rows) => {
    await rows.insertMany([
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ]);
    equal(await rows.countDocuments({ $expr: { $gt: ['$a', '$b'] } }), 1);
  },
  arrayFilters: async (rows) => {
    await rows.insertOne({ list: [{ n: 1 }, { n: 2 }] });
    await rows.updateOne({}, { $set: { 'list.$[x].ok': true } }, { arrayFilters: [{ 'x.n': 2 }] });
    deepEqual((await rows.findOne()).list, [{ n: 1 }, { n: 2, ok: true }]);
  },
  $elemMatch: async (rows) => {
    await rows.insertOne({ list: [{ a: 1, b: 2 }] });
    equal(await rows.countDocuments({ list: { $elemMatch: { a: 1, b: { $gt: 1 } } } }), 1);
  },
  '$group with $sum, $max and $push': async (rows) => {
    await rows.insertMany([
      { g: 'a', n: 1 },
      { g: 'a', n: 3 },
      { g: 'b', n: 5 },
    ]);
    const pipeline = [{ $group: { _id: '$g', sum: { $sum: '$n' }, max: { $max: '$n' } } }, { $sort: { _id: 1 } }];
    deepEqual(await rows.aggregate(pipeline).toArray(), [
      { _id: 'a', sum: 4, max: 3 },
      { _id: 'b', sum: 5, max: 5 },
    ]);
  },
  $lookup: async (rows) => {
    await rows.insertOne({ _id: 'a' });
    await db.collection('others').insertOne({ row: 'a', n: 1 });
    const from = { from: 'others', localField: '_id', foreignField: 'row', as: 'found' };
    equal((await rows.aggregate([{ $lookup: from }]).toArray())[0].found.length, 1);
  },
  'collation without regard to case': async (rows) => {
    await rows.insertOne({ name: 'Ada' });
    equal(await rows.countDocuments({ name: 'ada' }, { collation: { locale: 'en', strength: 2 } }), 1);
  },
  'regular expressions': async (rows) => {
    await rows.insertOne({ name: 'Ada' });
    equal(await rows.countDocuments({ name: { $regex: '^ad', $options: 'i' } }), 1);
  },
  'text search': async (rows) => {
    await rows.createIndex({ name: 'text' });
    await rows.insertOne({ name: 'a tale of two cities' });
    equal(await rows.countDocuments({ $text: { $search: 'cities' } }), 1);
  },
  'validators of a collection': async () => {
    const made = await db.createCollection('checked', { validator: { n: { $type: 'number' } } });
    await rejects(made.insertOne({ n: 'text' }));
  },
  'a write that asks for more members than there are is refused': (rows) =>
    rejects(rows.insertOne({}, { writeConcern: { w: 5, wtimeoutMS: 100 } })),
  'the client-level bulkWrite of 8.0': async (rows) => {
    const models = [{ name: 'insertOne', namespace: rows.namespace, document: { _id: 'a' } }];
    equal((await client.bulkWrite(models)).insertedCount, 1);
  },
  'one cursor sees the collection as it was (snapshot reads)': async (rows) => {
    await rows.insertOne({ _id: 'a' });
    await client.withSession({ snapshot: true }, async (session) => {
      deepEqual(await rows.find({}, { session }).toArray(), [{ _id: 'a' }]);
    });
  },
};

let at = 0;
for (const [ability, prove] of Object.entries(ABILITIES)) {
  const rows = db.collection(`rows${(at += 1)}`);
  const answer = await prove(rows).then(
    () => 'yes',
    (error) => `no: ${String(error.message).split('\n')[0].slice(0, 110)}`,
  );
  console.log(`${ability.padEnd(78)} ${answer}`);
}
// One stand-in cannot drop a database after two indexes got one name; what is left of the probe lives in memory.
await db.dropDatabase().catch((error) => console.error(`The probe's database stays: ${error.message}`));
await client.close();
