import type { MariaDbConnection } from './mariadb.connection';
import type { MariaDbPool } from './mariadb.pool';
import type { CurrentScope, Scope } from './relational';
import { OutsideTransaction } from './relational.errors';

type Callback<T> = (error: unknown, value?: T) => void;

/** What TypeORM's MySQL driver calls, answered by our pool. */
export function mariaDbDriver(pool: MariaDbPool, scope: CurrentScope): unknown {
  return {
    createPool: () => ({
      getConnection: (callback: Callback<DriverConnection>) => {
        const own = scope('');
        pool.acquire().then(
          (connection) => callback(null, new DriverConnection(connection, own, scope)),
          (error: unknown) => callback(error),
        );
      },
      // The pool is its owner's to close.
      end: (callback: Callback<never>) => callback(null),
    }),
  };
}

/** A connection for the one scope that it was acquired in. */
export class DriverConnection {
  constructor(
    readonly connection: MariaDbConnection,
    private readonly own: Scope,
    private readonly scope: CurrentScope,
  ) {}

  promise(): this {
    return this;
  }

  async query(sql: string, values?: readonly unknown[]): Promise<[unknown]> {
    if (this.scope(sql) !== this.own) throw new OutsideTransaction();
    // The server refuses writes then, and shows what was committed at one moment, without waiting for locks.
    const isReading = sql === 'START TRANSACTION' && !this.own.writes;
    return [await this.connection.query(isReading ? 'START TRANSACTION READ ONLY' : sql, values)];
  }

  /** TypeORM wants to know that somebody hears a connection's errors; the pool does. */
  listeners(): readonly unknown[] {
    return [this];
  }

  release(): void {
    this.connection.giveBack();
  }
}
