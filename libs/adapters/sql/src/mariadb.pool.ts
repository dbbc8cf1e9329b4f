import type { Clock } from '@flow/kernel';
import type { Pool, PoolConnection } from 'mysql2';
import { addressOf, tlsOf, type MariaDbConfig } from './mariadb.config';
import { MariaDbConnection, send } from './mariadb.connection';
import { unavailableFor } from './mariadb.faults';
import type { Patience } from './mariadb.patience';
import { within } from './mariadb.patience';
import { RelationalUnavailable } from './relational.errors';

/**
 * Connections to MariaDB: at most so many at once. Nobody waits for ever: not for a connection, not for the server to take one in, not for
 * an answer.
 */
export class MariaDbPool {
  private readonly waiting: (() => void)[] = [];
  private free: number;
  private readonly prepared = new WeakSet<PoolConnection>();

  private constructor(
    private readonly pool: Pool,
    private readonly size: number,
    private readonly clock: Clock,
    private readonly patience: Patience,
  ) {
    this.free = size;
  }

  /** Connects to nothing yet; the driver is loaded here. @throws RelationalMisconfigured */
  static async open(config: MariaDbConfig, clock: Clock, patience: Patience): Promise<MariaDbPool> {
    const address = addressOf(config.url);
    const ssl = tlsOf(config.tls, address);
    const { createPool } = await import('mysql2');
    const pool = createPool({
      ...address,
      ...(ssl && { ssl }),
      connectionLimit: config.pool,
      connectTimeout: patience.connectMs,
      charset: 'utf8mb4_bin',
      supportBigNumbers: true,
      bigNumberStrings: true,
      stringifyObjects: true,
      flags: ['-LOCAL_FILES'],
    });
    return new MariaDbPool(pool, config.pool, clock, patience);
  }

  /** For one transaction; whoever has it gives it back. @throws RelationalUnavailable */
  async acquire(): Promise<MariaDbConnection> {
    await this.takePlace();
    try {
      const raw = await this.connect();
      return new MariaDbConnection(raw, this.clock, this.patience.statementMs, () => this.givePlace());
    } catch (error) {
      this.givePlace();
      throw unavailableFor(error) ?? error;
    }
  }

  /** When all connections were given back. A server that does not say good-bye is not waited for. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.pool.end(() => resolve()));
    await within(this.clock, this.patience.connectMs, ended, () => new Error('late')).catch(() => undefined);
  }

  private async connect(): Promise<PoolConnection> {
    const raw = await this.soon(
      new Promise<PoolConnection>((resolve, reject) => {
        this.pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
      }),
      (late) => late.destroy(),
    );
    if (this.prepared.has(raw)) return raw;
    // Told to the pool as well, which drops it; nobody else has to hear it.
    raw.on('error', () => undefined);
    try {
      for (const sql of this.session()) await this.soon(send(raw, sql));
    } catch (error) {
      raw.destroy();
      throw error;
    }
    this.prepared.add(raw);
    return raw;
  }

  /**
   * What a server may be set to is not left to it: values that do not fit are refused, texts are quoted as the driver quotes them, and a lock
   * that is not had soon is given up.
   */
  private session(): readonly string[] {
    const { lockWaitS } = this.patience;
    return [
      `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, time_zone = '+00:00', innodb_lock_wait_timeout = ${lockWaitS}, lock_wait_timeout = ${lockWaitS}`,
      'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    ];
  }

  private soon<T>(work: Promise<T>, late?: (value: T) => void): Promise<T> {
    const { connectMs } = this.patience;
    const silent = () => Object.assign(new Error(`No answer within ${connectMs} ms.`), { code: 'ETIMEDOUT' });
    return within(this.clock, connectMs, work, silent, late);
  }

  private async takePlace(): Promise<void> {
    if (this.free > 0) {
      this.free -= 1;
      return;
    }
    const turn = new Promise<void>((resolve) => this.waiting.push(resolve));
    const { acquireMs } = this.patience;
    const busy = () =>
      new RelationalUnavailable(
        `has no connection left for this: all ${this.size} were in use for ${acquireMs / 1000} s, and nothing of this was done. Raise MARIADB_POOL, or ask again (MARIADB_URL).`,
        undefined,
      );
    // Whoever gave up passes on the place that comes after all.
    await within(this.clock, acquireMs, turn, busy, () => this.givePlace());
  }

  private givePlace(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  }
}
