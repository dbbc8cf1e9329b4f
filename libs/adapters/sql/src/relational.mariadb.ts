import type { Clock, Random } from '@flow/kernel';
import type { DataSourceOptions, QueryRunner } from 'typeorm';
import type { InstallationMark } from '@flow/platform';
import type { AnyEntity } from './entity';
import { MariaDbMark } from './installation-mark.mariadb';
import { addressOf, type MariaDbConfig } from './mariadb.config';
import type { MariaDbConnection } from './mariadb.connection';
import { mariaDbDriver, type DriverConnection } from './mariadb.driver';
import { isDuplicateEntry, isGivenUp, isMisconfigured, readOnlyServer } from './mariadb.faults';
import { migrateMariaDb, type MigrateOptions, type Migrated } from './mariadb.migrate';
import { PATIENCE, type Patience } from './mariadb.patience';
import { MariaDbPool } from './mariadb.pool';
import { Relational, driverErrorOf, type CurrentScope } from './relational';
import {
  CommitUnknown,
  RelationalContended,
  RelationalMisconfigured,
  RelationalUnavailable,
} from './relational.errors';

const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

export interface MariaDbSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly patience?: Patience;
}

/**
 * MariaDB: a connection of the pool for each transaction, SERIALIZABLE where it writes, one snapshot where it reads.
 * - A transaction that the server gave up (deadlock, lock not had in time), or whose connection turned out dead before it had begun, is
 *   carried out again after a random pause; at last it is RelationalContended.
 * - A connection that breaks later is RelationalUnavailable: the server takes back what was not committed, and nothing is repeated unasked.
 * - One that breaks while COMMIT is under way is CommitUnknown, never a success. It is not repeated: no write of ours is the same twice
 *   (an insert that was kept would be told as a duplicate), so that whoever asked has to look.
 */
export class MariaDbRelational extends Relational {
  private readonly held = new WeakMap<QueryRunner, MariaDbConnection>();
  private readonly turns = new Set<Promise<unknown>>();
  private readonly patience: Patience;

  private constructor(
    private readonly pool: MariaDbPool,
    private readonly database: string,
    entities: readonly AnyEntity[],
    private readonly around: MariaDbSurroundings,
  ) {
    super(entities);
    this.patience = around.patience ?? PATIENCE;
  }

  /**
   * Connects and brings the tables up to date.
   * @throws RelationalMisconfigured, RelationalUnavailable, RelationalTooNew, RelationalNotMigrated, MigrationTaken
   */
  static async open(
    config: MariaDbConfig,
    entities: readonly AnyEntity[],
    around: MariaDbSurroundings,
  ): Promise<MariaDbRelational> {
    return withPool(config, around, async (pool, database) => {
      await migrateMariaDb(pool, database);
      return new MariaDbRelational(pool, database, entities, around);
    });
  }

  /** Brings the tables to a version. @throws as `open` does */
  static async migrate(
    config: MariaDbConfig,
    around: MariaDbSurroundings,
    options: MigrateOptions = {},
  ): Promise<Migrated> {
    return withPool({ ...config, pool: 1 }, around, async (pool, database) => {
      const done = await migrateMariaDb(pool, database, options);
      await pool.close();
      return done;
    });
  }

  /** Reads, and may be written to. */
  override async ready(): Promise<void> {
    await super.ready();
    const connection = await this.pool.acquire();
    try {
      const [row] = (await connection.query('SELECT @@global.read_only AS readOnly')) as { readOnly: unknown }[];
      if (Number(row?.readOnly) !== 0) throw readOnlyServer();
    } finally {
      connection.giveBack();
    }
  }

  override installation(): InstallationMark {
    return new MariaDbMark(this.pool);
  }

  override async close(): Promise<void> {
    await Promise.allSettled(this.turns);
    await this.disconnect();
    await this.pool.close();
  }

  protected override options(scope: CurrentScope): DataSourceOptions {
    return { type: 'mariadb', database: this.database, driver: mariaDbDriver(this.pool, scope) };
  }

  protected override async inTurn<T>(go: () => Promise<T>): Promise<T> {
    const turn = this.persistently(go);
    this.turns.add(turn);
    try {
      return await turn;
    } finally {
      this.turns.delete(turn);
    }
  }

  protected override async begin(runner: QueryRunner, writes: boolean): Promise<void> {
    const { connection } = (await runner.connect()) as DriverConnection;
    this.held.set(runner, connection);
    try {
      await runner.startTransaction(writes ? 'SERIALIZABLE' : undefined);
    } catch (error) {
      const cause = driverErrorOf(error);
      // A server that says nothing is not asked a second time by somebody who waits.
      throw connection.isBroken && !(cause instanceof RelationalUnavailable && cause.cause === undefined)
        ? new NotBegun(cause)
        : error;
    }
  }

  protected override async commit(runner: QueryRunner, writes: boolean): Promise<void> {
    this.held.get(runner)?.check();
    try {
      await runner.commitTransaction();
    } catch (error) {
      const cause = driverErrorOf(error);
      throw writes && !isGivenUp(cause) ? new CommitUnknown(cause) : error;
    }
  }

  protected override async end(runner: QueryRunner): Promise<void> {
    const connection = this.held.get(runner);
    if (!connection) return;
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => connection.breakOff());
    connection.giveBack();
  }

  protected override saysDuplicate(driverError: unknown): boolean {
    return isDuplicateEntry(driverError);
  }

  private async persistently<T>(go: () => Promise<T>): Promise<T> {
    const { clock } = this.around;
    const { attempts, attemptsMs } = this.patience;
    const since = clock.monotonicMs();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await go();
      } catch (error) {
        const cause = driverErrorOf(error);
        if (!isGivenUp(cause) && !(error instanceof NotBegun)) throw error;
        if (attempt >= attempts || clock.monotonicMs() - since >= attemptsMs)
          throw error instanceof NotBegun ? error.cause : new RelationalContended(attempt, cause);
        await this.pause(attempt);
      }
    }
  }

  private async pause(attempt: number): Promise<void> {
    const { clock, random } = this.around;
    const longest = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** attempt);
    await new Promise<void>((resolve) => clock.after(random.fraction() * longest, resolve));
  }
}

/** The pool is closed again when this fails; whoever starts a service is told the place as well. */
async function withPool<T>(
  config: MariaDbConfig,
  { clock, patience = PATIENCE }: MariaDbSurroundings,
  work: (pool: MariaDbPool, database: string) => Promise<T>,
): Promise<T> {
  const { host, port, database } = addressOf(config.url);
  const pool = await MariaDbPool.open(config, clock, patience);
  try {
    return await work(pool, database);
  } catch (error) {
    await pool.close();
    if (!(error instanceof RelationalUnavailable)) throw error;
    const placed = error.at(`${host}:${port}`);
    throw isMisconfigured(placed.cause) ? new RelationalMisconfigured(placed.message) : placed;
  }
}

/** The connection was dead when it was taken up: nothing was sent that could have been done. */
class NotBegun extends Error {
  constructor(cause: unknown) {
    super('The connection was dead before the transaction began.', { cause });
  }
}
