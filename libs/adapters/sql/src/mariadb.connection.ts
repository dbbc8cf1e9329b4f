import { checkStorable, type SqlValue } from '@flow/adapters/sqlite';
import type { Clock } from '@flow/kernel';
import type { PoolConnection } from 'mysql2';
import { storable } from './column.values';
import { endsConnection, isGivenUp, unavailableFor } from './mariadb.faults';
import { within } from './mariadb.patience';
import { RelationalUnavailable, OutsideTransaction } from './relational.errors';

/**
 * A connection as one transaction has it. When the server gave the transaction up, or the connection broke, every further statement
 * fails as that one did: what comes after it would be a transaction of its own.
 */
export class MariaDbConnection {
  private failure: Error | undefined;
  private isGone = false;
  private isGivenBack = false;

  constructor(
    private readonly raw: PoolConnection,
    private readonly clock: Clock,
    private readonly statementMs: number,
    private readonly onGivenBack: () => void,
  ) {}

  /** Nothing more reaches the server; it takes back what was not committed. */
  get isBroken(): boolean {
    return this.isGone;
  }

  /** Rows, or what the server says of a write. @throws RelationalUnavailable, OutsideTransaction, what the driver throws */
  async query(sql: string, values: readonly unknown[] = [], withinMs = this.statementMs): Promise<unknown> {
    this.check(sql);
    const stored = values.map(storable);
    for (const value of stored) checkStorable(value);
    const silent = () =>
      new RelationalUnavailable(
        `did not answer a statement within ${withinMs / 1000} s: nothing of this was kept; see what the server of MARIADB_URL does, and ask again.`,
        undefined,
      );
    try {
      return await within(this.clock, withinMs, send(this.raw, sql, stored), silent);
    } catch (error) {
      throw this.noted(error as Error);
    }
  }

  /** @throws what has ended this transaction, before anything is sent */
  check(sql = ''): void {
    if (this.isGivenBack) throw new OutsideTransaction();
    if (this.failure && (this.isGone || sql !== 'ROLLBACK')) throw this.failure;
  }

  /** It is not used again: nobody knows what state it is in. */
  breakOff(): void {
    this.isGone = true;
    this.raw.destroy();
  }

  giveBack(): void {
    if (this.isGivenBack) return;
    this.isGivenBack = true;
    if (!this.isGone) this.raw.release();
    this.onGivenBack();
  }

  private noted(error: Error): Error {
    const named = unavailableFor(error);
    const isSilent = error === named;
    if (isSilent || endsConnection(error)) this.breakOff();
    if (this.isGone || isGivenUp(error)) this.failure = named ?? error;
    return named ?? error;
  }
}

/** The driver hangs the statement to its errors, with all values in it: they would stand in logs. */
export function send(raw: PoolConnection, sql: string, values: readonly unknown[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    raw.query(sql, [...values] as SqlValue[], (error, result) => {
      if (error === null) {
        resolve(result);
        return;
      }
      delete (error as { sql?: string }).sql;
      reject(error);
    });
  });
}
