import { isNativeError } from 'node:util/types';
import { AppError } from '@flow/kernel';
import { MoveUnfinished } from '@flow/moving';
import { failpoint } from '@flow/platform';
import type { BulkOperation, Collection, Db, Document } from './driver';
import type { Connection } from 'mongoose';
import { COLLECTIONS, MOVE_ID, SCHEMA_VERSION, type CollectionName, type Collections } from './collections';

/** A server that does not answer within this is away: whoever asked is told so. */
const ANSWERS_WITHIN_MS = 5_000;
/**
 * What one request may take. The driver's own bounds leave one out: a request whose connection breaks while it waits to be sent is never
 * answered, and keeps its place among the connections.
 */
const REQUEST_WITHIN_MS = 8_000;
/** Building an index takes as long as it takes; a server that goes away meanwhile is found out by the driver's own looks. */
const INDEX_BUILD: object = { socketTimeoutMS: 0 };
const INDEX_BUILD_WITHIN_MS = 3_600_000;
/** A request that has come to no end so long after it was given up never will. */
const LOST_AFTER_MS = 30_000;
/** With so many places lost the connections are made anew. */
const MOST_LOST = 4;
const UNIQUE_VIOLATION = 11_000;
const SCHEMA_ID = 'documents';
/** Errors of the driver that say that no server, or no primary, answers; by their names, so that its classes need not be loaded for it. */
const AWAY = new Set([
  'MongoServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoOperationTimeoutError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoWaitQueueTimeoutError',
  'PoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoPoolClearedError',
]);
/**
 * A server that is no primary any more, is shutting down, or could not have its write acknowledged by a majority in time; and what the driver
 * hands on as it came when a connection breaks while it is written to.
 */
const AWAY_CODES: ReadonlySet<unknown> = new Set([
  ...[6, 7, 50, 64, 89, 91, 100, 134, 189, 262, 9_001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436],
  ...['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ENOTCONN', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED'],
]);
const REFUSED_CODES = new Set([13, 18, 8000]);

export class MongoUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'mongodb.unavailable';
  override readonly retryAfterMs = 5_000;
  constructor(why: string, cause: unknown) {
    super(`MongoDB (MONGODB_URL) cannot be used: ${why}`, {}, { cause });
  }
}

/** MONGODB_URL cannot be read, or names a user or a password that the server does not take: no waiting mends that. */
export class MongoMisconfigured extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'mongodb.misconfigured';
  constructor(why: string) {
    super(`MongoDB (MONGODB_URL) cannot be used: ${why}`);
  }
}

/** The database was written by a newer build. */
export class MongoSchemaTooNew extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'mongodb.schema_too_new';
  constructor(found: number) {
    super(
      `The database of MONGODB_URL has schema ${found}; this build knows ${SCHEMA_VERSION}. Start the newer build again, or set MONGODB_URL to another database.`,
      { found, known: SCHEMA_VERSION },
    );
  }
}

export interface MongoOptions {
  /** A service, unless it is said otherwise: refused while a data folder is being moved there. `look` writes nothing. */
  readonly for?: 'service' | 'move' | 'look';
  /** Connections at most. */
  readonly poolSize?: number;
  /** Told of every command before it is sent. */
  readonly onCommand?: (name: string, command: Document) => void;
}

/** What is written where nothing newer stands: an update that matches the standing document only when that is older. */
export interface Newer {
  /** `_id`, and what must hold of a document that stands: then it is older. */
  readonly filter: Document;
  readonly update: Document;
}

/**
 * The one door to MongoDB. Every write is a request about single documents, acknowledged by a majority and journalled, under a name with a
 * failpoint before and after it; reads go to the primary. Nothing here needs a transaction.
 */
export class Mongo {
  private db: Db;
  /** Requests that never came to an end, on the connections that stand. */
  private lost = 0;

  private constructor(
    private readonly url: string,
    private readonly options: MongoOptions,
    private connection: Connection,
  ) {
    this.db = databaseOf(connection);
  }

  /** Connects, refuses a newer build's database, and makes what indexes are missing. @throws MongoUnavailable, MongoMisconfigured, MongoSchemaTooNew, MoveUnfinished */
  static async open(url: string, options: MongoOptions = {}): Promise<Mongo> {
    const mongo = new Mongo(url, options, await connect(url, options));
    try {
      await mongo.prepare(options.for ?? 'service');
      return mongo;
    } catch (error) {
      await mongo.close();
      throw misconfigurationIn(error) ?? error;
    }
  }

  collection<N extends CollectionName>(name: N): Collection<Collections[N]> {
    return this.db.collection<Collections[N]>(name);
  }

  /** `name` is `noun.verb`, that of its failpoints `.before` and `.after`. */
  async write<T>(name: string, work: () => Promise<T>, withinMs?: number): Promise<T> {
    failpoint(`${name}.before`);
    const result = await this.read(work, withinMs);
    failpoint(`${name}.after`);
    return result;
  }

  /** What became of a write that gets no answer is not known. @throws MongoUnavailable */
  async read<T>(work: () => Promise<T>, withinMs = REQUEST_WITHIN_MS): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const asked = work();
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.givenUp(asked);
        reject(new MongoUnavailable(`it does not answer within ${withinMs / 1_000} s.`, undefined));
      }, withinMs);
    });
    try {
      return await Promise.race([asked, silence]);
    } catch (error) {
      throw isAway(error) ? new MongoUnavailable('it does not answer.', error) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes each of these unless what stands is as new, in any order. Racing writers lose nothing: who comes second looks again. */
  async putNewer(name: string, into: CollectionName, all: readonly Newer[]): Promise<void> {
    if (all.length === 0) return;
    const run = (some: readonly Newer[], upsert: boolean) =>
      this.db.collection(into).bulkWrite(
        some.map(({ filter, update }): BulkOperation<Document> => ({ updateOne: { filter, update, upsert } })),
        { ordered: false },
      );
    await this.write(name, async () => {
      const standing = await run(all, true).then(() => [], duplicatesIn);
      // What could not be inserted stands by now: newer, or made in this very moment by somebody who knew less.
      const some = standing.flatMap((index) => all[index] ?? []);
      if (some.length > 0) await run(some, false);
    });
  }

  /** Writes whole documents in the place of what stands under their ids, in any order. Inserting is tried first: most stand nowhere. */
  async putAll(name: string, into: CollectionName, docs: readonly Document[]): Promise<void> {
    if (docs.length === 0) return;
    const collection = this.db.collection(into);
    await this.write(name, async () => {
      const standing = await collection.insertMany(docs as Document[], { ordered: false }).then(() => [], duplicatesIn);
      const some = standing.flatMap((index) => docs[index] ?? []);
      if (some.length === 0) return;
      const replaced = (some as readonly { readonly _id: never }[]).map((doc) => ({
        replaceOne: { filter: { _id: doc._id }, replacement: doc },
      }));
      await collection.bulkWrite(replaced, { ordered: false });
    });
  }

  /** Throws what `read` throws when no primary answers. */
  async ping(): Promise<void> {
    await this.read(() => this.db.command({ ping: 1 }));
  }

  /** Something about the server itself. */
  async command(command: Document): Promise<Document> {
    return this.read(() => this.db.command(command));
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  /** Takes everything away, for tests. */
  async drop(): Promise<void> {
    await this.db.dropDatabase();
  }

  /** One that comes to no end keeps its connection for ever: when there are many, all connections are made anew. */
  private givenUp(asked: Promise<unknown>): void {
    const { connection } = this;
    const timer = setTimeout(() => {
      if (this.connection !== connection) return;
      this.lost += 1;
      if (this.lost === MOST_LOST) this.renew().catch(() => (this.lost = 0));
    }, LOST_AFTER_MS);
    timer.unref();
    const settled = () => clearTimeout(timer);
    asked.then(settled, settled);
  }

  private async renew(): Promise<void> {
    const old = this.connection;
    this.connection = await connect(this.url, this.options);
    this.db = databaseOf(this.connection);
    this.lost = 0;
    await old.close(true);
  }

  private async prepare(purpose: 'service' | 'move' | 'look'): Promise<void> {
    const schemas = this.collection('schema');
    const found = (await this.read(() => schemas.findOne({ _id: SCHEMA_ID })))?.version ?? 0;
    if (found > SCHEMA_VERSION) throw new MongoSchemaTooNew(found);
    if (purpose === 'look') return;
    const move = await this.read(() => this.collection('moves').findOne({ _id: MOVE_ID }));
    if (purpose === 'service' && move?.isDone === false) throw new MoveUnfinished();
    for (const [name, indexes] of Object.entries(COLLECTIONS))
      if (indexes.length > 0)
        await this.write(
          'schema.index',
          () =>
            this.db.collection(name).createIndexes(
              indexes.map((one) => ({ ...one })),
              INDEX_BUILD,
            ),
          INDEX_BUILD_WITHIN_MS,
        );
    await this.write('schema.version', () =>
      schemas.updateOne({ _id: SCHEMA_ID }, { $max: { version: SCHEMA_VERSION } }, { upsert: true }),
    );
  }
}

export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === UNIQUE_VIOLATION;
}

/** Which operations of an unordered bulk met a document that stands; throws when anything else went wrong. */
function duplicatesIn(error: unknown): readonly number[] {
  const { writeErrors, writeConcernErrors } = error as BulkFault;
  const faults = writeErrors === undefined ? [] : [writeErrors].flat();
  if (faults.length === 0 || (writeConcernErrors?.length ?? 0) > 0) throw error;
  if (faults.some(({ code }) => code !== UNIQUE_VIOLATION)) throw error;
  return faults.map(({ index }) => index);
}

interface BulkFault {
  readonly writeErrors?: WriteFault | readonly WriteFault[];
  readonly writeConcernErrors?: readonly unknown[];
}

interface WriteFault {
  readonly code: number;
  readonly index: number;
}

function isAway(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  const { code, writeErrors } = error as { code?: unknown } & BulkFault;
  // A bulk that no server has answered is wrapped as one of which nothing was refused.
  const isUnanswered =
    error.name === 'MongoBulkWriteError' && typeof code !== 'number' && [writeErrors ?? []].flat().length === 0;
  return AWAY.has(error.name) || AWAY_CODES.has(code) || isUnanswered;
}

function databaseOf(connection: Connection): Db {
  return connection.getClient().db(connection.name);
}

async function connect(url: string, { poolSize = 50, onCommand }: MongoOptions): Promise<Connection> {
  // Loaded where it is used: an embedded process never needs it.
  const { createConnection } = await import('mongoose');
  try {
    const connection = createConnection(url, {
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      maxPoolSize: poolSize,
      serverSelectionTimeoutMS: ANSWERS_WITHIN_MS,
      connectTimeoutMS: ANSWERS_WITHIN_MS,
      socketTimeoutMS: REQUEST_WITHIN_MS,
      waitQueueTimeoutMS: ANSWERS_WITHIN_MS,
      readPreference: 'primary',
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority', journal: true },
      retryWrites: false,
      appName: 'flow-automation',
      monitorCommands: onCommand !== undefined,
    });
    await connection.asPromise();
    if (onCommand)
      connection.getClient().on('commandStarted', ({ commandName, command }) => onCommand(commandName, command));
    return connection;
  } catch (error) {
    const { message = '' } = error as { message?: string };
    const away = `no server answers within ${ANSWERS_WITHIN_MS / 1_000} s (${hidden(message)}). Is it running, and reachable from here?`;
    throw misconfigurationIn(error) ?? new MongoUnavailable(away, error);
  }
}

/** What somebody has to mend, in the settings or on the server. */
export function misconfigurationIn(error: unknown): MongoMisconfigured | undefined {
  const { code, name } = error as { code?: unknown; name?: string };
  if (typeof code === 'number' && REFUSED_CODES.has(code))
    return new MongoMisconfigured(
      'it refuses this user or password, or does not let the user do this. Set MONGODB_URL to mongodb://user:password@host:27017/database?authSource=admin, and give the user readWrite on that database.',
    );
  if (name === 'MongoParseError' || name === 'MongoInvalidArgumentError' || name === 'MongoAPIError')
    return new MongoMisconfigured(
      'the address cannot be read. Set MONGODB_URL to mongodb://user:password@host:27017/database.',
    );
  return undefined;
}

/** An address for people to see: without user and password. */
export function shownAddress(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');
}

/** Messages of drivers may name the address with its password. */
function hidden(message: string): string {
  return message.replace(/\/\/[^@\s/]*@/g, '//***@');
}
