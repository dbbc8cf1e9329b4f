import { Mongo, MongoUnavailable } from '@flow/adapters/mongo';
import { SeededRandom } from '@flow/testing/kernel';
import { randomBytes } from 'node:crypto';
import { after } from '../chaos/house';
import { TcpProxy } from './tcp-proxy';

const ROUNDS = 12;
const BYTES = 512 * 1024;
/** The bound of a request, and what a busy machine adds to it. */
const REFUSED_WITHIN_MS = 15_000;

describe('A request to MongoDB', () => {
  const random = new SeededRandom(1);
  let way: TcpProxy;
  let mongo: Mongo;

  beforeEach(async () => {
    const { TEST_MONGO_URL: given } = process.env;
    if (!given) throw new Error('TEST_MONGO_URL is not set: run scripts/services.sh up mongo.');
    const url = new URL(given);
    url.pathname = `/flow_ways_${randomBytes(6).toString('hex')}`;
    way = await TcpProxy.before({ host: url.hostname, port: Number(url.port) }, () => random.fraction());
    mongo = await Mongo.open(way.of(url.href), { poolSize: 8 });
  });
  afterEach(async () => {
    way.set('open');
    await mongo.drop();
    await mongo.close();
    await way.close();
  });

  /** Large requests and bulks, as many as there are connections. */
  function ask(): readonly Promise<unknown>[] {
    const data = randomBytes(BYTES);
    const pieces = mongo.collection('blob_pieces');
    const piece = (n: number) => ({ _id: randomBytes(12).toString('hex'), content: 'x', n, data, writtenMs: 0 });
    return [
      ...[1, 2, 3, 4].map((n) => mongo.write('blob.piece', () => pieces.insertOne(piece(n)))),
      ...[5, 6].map((n) => mongo.write('blob.piece', () => pieces.insertMany([piece(n), piece(n + 10)]))),
      mongo.read(() => pieces.find({ content: 'x' }).limit(4).toArray()),
    ];
  }

  /** Each is done, or refused by its name and in time. */
  async function refusedOf(asked: readonly Promise<unknown>[]): Promise<number> {
    const since = Date.now();
    const ends = await Promise.allSettled(asked);
    expect(Date.now() - since).toBeLessThan(REFUSED_WITHIN_MS);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    for (const reason of refused) expect(reason).toBeInstanceOf(MongoUnavailable);
    return refused.length;
  }

  it('whose connection is reset, whatever it was at, is refused by name and in time', async () => {
    let refused = 0;
    for (let i = 0; i < ROUNDS; i += 1) {
      const asked = ask();
      await after(random.fraction() * 40);
      way.reset();
      refused += await refusedOf(asked);
    }
    expect(way.harm.reset).toBeGreaterThan(ROUNDS);
    expect(refused).toBeGreaterThan(0);
    await mongo.ping();
  }, 240_000);

  it('over a connection on which nothing passes any more is refused by name and in time', async () => {
    way.set('held');
    expect(await refusedOf(ask())).toBe(7);
    expect(way.harm.heldBytes).toBeGreaterThan(0);
    way.set('open');
    for (const end = Date.now() + 30_000; ;) {
      if (
        await mongo.ping().then(
          () => true,
          () => false,
        )
      )
        break;
      expect(Date.now()).toBeLessThan(end);
      await after(100);
    }
  }, 120_000);
});
