import { join } from 'node:path';
import { Database, isUniqueViolation, migrate } from '@flow/adapters/sqlite';
import type { DataSourceOptions, QueryRunner } from 'typeorm';
import type { InstallationMark } from '@flow/platform';
import type { AnyEntity } from './entity';
import { SqliteRelationalMark } from './installation-mark.sqlite';
import { Relational, type CurrentScope } from './relational';
import { RELATIONAL_FILE, RELATIONAL_MIGRATIONS } from './relational.schema';
import { driverFor } from './sqlite.driver';

/**
 * `relational.db`. TypeORM has one connection on SQLite: without turns, one caller's acknowledged insert goes away when another one
 * rolls back. So transactions run one at a time. The file is opened and brought up to date at once.
 */
export class SqliteRelational extends Relational {
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly db: Database,
    entities: readonly AnyEntity[],
  ) {
    super(entities);
  }

  /** Throws SchemaTooNew for a newer build's file. */
  static open(dataDir: string, entities: readonly AnyEntity[]): SqliteRelational {
    const db = Database.open(join(dataDir, RELATIONAL_FILE));
    try {
      migrate(db, RELATIONAL_MIGRATIONS);
      return new SqliteRelational(db, entities);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  override installation(): InstallationMark {
    return new SqliteRelationalMark(this.db);
  }

  override async close(): Promise<void> {
    await this.last;
    await this.disconnect();
    this.db.close();
  }

  protected override options(scope: CurrentScope): DataSourceOptions {
    return { type: 'better-sqlite3', database: this.db.file, driver: driverFor(this.db, scope) };
  }

  protected override async inTurn<T>(go: () => Promise<T>): Promise<T> {
    const turn = this.last.then(go);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Nobody writes while it is somebody's turn to read: a transaction would add nothing. */
  protected override async begin(runner: QueryRunner, writes: boolean): Promise<void> {
    if (writes) await runner.startTransaction();
  }

  protected override async commit(runner: QueryRunner, writes: boolean): Promise<void> {
    if (writes) await runner.commitTransaction();
  }

  protected override async end(runner: QueryRunner): Promise<void> {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
  }

  protected override saysDuplicate(driverError: unknown): boolean {
    return isUniqueViolation(driverError);
  }
}
