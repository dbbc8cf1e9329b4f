import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { Database, isUniqueViolation, migrate } from '@flow/adapters/sqlite';
import { AppError } from '@flow/kernel';
import { failpoint } from '@flow/platform';
import type { DataSource, ObjectLiteral, QueryRunner, Repository } from 'typeorm';
import type { AnyEntity, Entity } from './entity';
import { driverFor } from './relational.driver';
import { RELATIONAL_FILE, RELATIONAL_MIGRATIONS } from './relational.schema';

/** A statement outside of `Relational.run`, or of one that has ended: it would run in somebody else's transaction. */
export class OutsideTransaction extends Error {
  constructor() {
    super('Repositories are used within the Relational.run that gave them, and awaited there.');
    this.name = 'OutsideTransaction';
  }
}

/** The repositories of one transaction. */
export interface Tx {
  repository<T extends ObjectLiteral>(entity: Entity<T>): Repository<T>;
}

/**
 * `relational.db` behind TypeORM. TypeORM has one connection on SQLite and does not keep callers apart: without this class one
 * caller's acknowledged insert goes away when another one rolls back. So every use case runs in `run`, one at a time, and whatever
 * is used outside of it is refused. The file is opened and brought up to date at once, TypeORM is loaded when it is first needed.
 */
export class Relational {
  private readonly inside = new AsyncLocalStorage<object>();
  private source: DataSource | undefined;
  private current: object | undefined;
  private readsOnly = false;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly db: Database,
    private readonly entities: readonly AnyEntity[],
  ) {}

  /** Throws SchemaTooNew for a newer build's file. */
  static open(dataDir: string, entities: readonly AnyEntity[]): Relational {
    const db = Database.open(join(dataDir, RELATIONAL_FILE));
    try {
      migrate(db, RELATIONAL_MIGRATIONS);
      return new Relational(db, entities);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /**
   * One transaction, all or nothing, on disk when the promise resolves; those of other callers wait for their turn. `name` is
   * `noun.verb`, that of its failpoints `.before`, `.commit` and `.after`.
   */
  async run<T>(name: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTurn(async (tx, runner) => {
      failpoint(`${name}.before`);
      await runner.startTransaction();
      const result = await work(tx);
      failpoint(`${name}.commit`);
      await runner.commitTransaction();
      failpoint(`${name}.after`);
      return result;
    });
  }

  /** Sees what is committed, in its turn; writes are refused. */
  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTurn(async (tx) => {
      this.readsOnly = true;
      return work(tx);
    });
  }

  /** Waits for the transactions that have begun. */
  async close(): Promise<void> {
    await this.last;
    await this.source?.destroy();
    this.db.close();
  }

  private async inTurn<T>(work: (tx: Tx, runner: QueryRunner) => Promise<T>): Promise<T> {
    if (this.current !== undefined && this.inside.getStore() === this.current)
      throw new Error('A transaction within another one would wait for ever for its turn; hand on the tx instead.');
    const turn = this.last.then(() => this.transact(work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async transact<T>(work: (tx: Tx, runner: QueryRunner) => Promise<T>): Promise<T> {
    const source = await this.connected();
    const token = {};
    this.current = token;
    return this.inside.run(token, async () => {
      const runner = source.createQueryRunner();
      const tx: Tx = { repository: (entity) => runner.manager.getRepository(entity.name) };
      try {
        return await work(tx, runner);
      } catch (error) {
        if (runner.isTransactionActive) await runner.rollbackTransaction();
        throw causeOf(error) instanceof AppError ? causeOf(error) : error;
      } finally {
        this.current = undefined;
        this.readsOnly = false;
      }
    });
  }

  private async connected(): Promise<DataSource> {
    this.source ??= await this.connect();
    return this.source;
  }

  private async connect(): Promise<DataSource> {
    const { DataSource: Source, EntitySchema } = await import('typeorm');
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- TypeORM declares its options as a class
    const schemas = this.entities.map((entity) => new EntitySchema({ ...entity, columns: { ...entity.columns } }));
    const source = new Source({
      type: 'better-sqlite3',
      database: this.db.file,
      driver: driverFor(this.db, (writes) => this.mayRun(writes)),
      entities: schemas,
      logging: false,
    });
    const token = {};
    this.current = token;
    return this.inside.run(token, () => source.initialize());
  }

  private mayRun(writes: boolean): void {
    if (this.current === undefined || this.inside.getStore() !== this.current) throw new OutsideTransaction();
    if (writes && this.readsOnly) throw new Error('Relational.read does not write; use run.');
  }
}

/** Whether a row with this key stands already. */
export function isDuplicate(error: unknown): boolean {
  return isUniqueViolation(causeOf(error));
}

/** What the driver threw: TypeORM wraps it. */
function causeOf(error: unknown): unknown {
  return (error as { driverError?: unknown } | null)?.driverError ?? error;
}
