import { AppError } from '@flow/kernel';
import { failpoint } from '@flow/platform';
import type { BulkOperation, Collection, Db, Document } from './driver';
import type { Connection } from 'mongoose';
import { COLLECTIONS, SCHEMA_VERSION, type CollectionName, type Collections } from './collections';

/** A server that does not answer within this is away: whoever asked is told so. */
const ANSWERS_WITHIN_MS = 5_000;
/**
 * The driver's bound for all that one request takes: a server, a connection, the request, the answer. The older bounds, of sockets and of the
 * wait for a connection, let a request hang for ever whose connection breaks while it waits to be sent.
 */
const REQUEST_WITHIN_MS = 8_000;
/** Building an index takes as long as it takes; a server that goes away meanwhile is found out by the driver's own looks. */
const INDEX_BUILD = { timeoutMS: 3_600_000 };
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
  private constructor(
    private readonly connection: Connection,
    private readonly db: Db,
  ) {}

  /** Connects, refuses a newer build's database, and makes what indexes are missing. @throws MongoUnavailable, MongoMisconfigured, MongoSchemaTooNew */
  static async open(url: string, options: MongoOptions = {}): Promise<Mongo> {
    const connection = await connect(url, options);
    const client = connection.getClient();
    const mongo = new Mongo(connection, client.db(connection.name));
    try {
      await mongo.prepare();
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
  async write<T>(name: string, work: () => Promise<T>): Promise<T> {
    failpoint(`${name}.before`);
    const result = await this.read(work);
    failpoint(`${name}.after`);
    return result;
  }

  async read<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw isAway(error) ? new MongoUnavailable('it does not answer.', error) : error;
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

  /** Throws what `read` throws when no primary answers. */
  async ping(): Promise<void> {
    await this.read(() => this.db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  /** Takes everything away, for tests. */
  async drop(): Promise<void> {
    await this.db.dropDatabase();
  }

  private async prepare(): Promise<void> {
    const schemas = this.collection('schema');
    const found = (await this.read(() => schemas.findOne({ _id: SCHEMA_ID })))?.version ?? 0;
    if (found > SCHEMA_VERSION) throw new MongoSchemaTooNew(found);
    for (const [name, indexes] of Object.entries(COLLECTIONS))
      if (indexes.length > 0)
        await this.write('schema.index', () =>
          this.db.collection(name).createIndexes(
            indexes.map((one) => ({ ...one })),
            INDEX_BUILD,
          ),
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
  if (!(error instanceof Error)) return false;
  const { code, writeErrors } = error as { code?: unknown } & BulkFault;
  // A bulk that no server has answered is wrapped as one of which nothing was refused.
  const isUnanswered =
    error.name === 'MongoBulkWriteError' && typeof code !== 'number' && [writeErrors ?? []].flat().length === 0;
  return AWAY.has(error.name) || AWAY_CODES.has(code) || isUnanswered;
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
      timeoutMS: REQUEST_WITHIN_MS,
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
