import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from '@flow/kernel';
import { failpoint, type InstallationMark } from '@flow/platform';
import type { DataSource, DataSourceOptions, ObjectLiteral, QueryRunner, Repository } from 'typeorm';
import type { AnyEntity, Entity } from './entity';
import { DuplicateKey, OutsideTransaction } from './relational.errors';

/** The repositories of one transaction. */
export interface Tx {
  repository<T extends ObjectLiteral>(entity: Entity<T>): Repository<T>;
}

/** From the beginning of a transaction to its end: statements run within one, and nowhere else. */
export class Scope {
  /** While it is ending, nothing slips in behind its COMMIT or ROLLBACK, where it would be a transaction of its own. */
  state: 'open' | 'ending' | 'over' = 'open';
  constructor(readonly writes: boolean) {}

  admits(sql: string): boolean {
    return this.state === 'open' || (this.state === 'ending' && ENDS.test(sql));
  }
}

const ENDS = /^(COMMIT|ROLLBACK)$/;

type Moment = 'before' | 'commit' | 'after';

/** The scope that a statement is sent in. @throws OutsideTransaction */
export type CurrentScope = (sql: string) => Scope;

/**
 * The relational database behind TypeORM, which keeps no callers apart by itself: every use case runs in `run` or `read`, and what is
 * used outside of them is refused. What is acknowledged is durable; what failed has left nothing, unless its error says that
 * this is not known. TypeORM and the driver are loaded with the first row.
 */
export abstract class Relational {
  private readonly inside = new AsyncLocalStorage<Scope>();
  private active = 0;
  private connecting: Promise<DataSource> | undefined;

  protected constructor(private readonly entities: readonly AnyEntity[]) {}

  /**
   * One transaction, all or nothing, durable when the promise resolves; transactions come out as if they had run one after the other.
   * `work` uses `tx` and does nothing else that lasts: it is carried out again when the database gave its transaction up for the sake
   * of another. `name` is `noun.verb`, that of its failpoints `.before`, `.commit` and `.after`.
   */
  async run<T>(name: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transact(true, work, (moment) => failpoint(`${name}.${moment}`));
  }

  /** Sees what is committed; writes are refused. */
  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transact(false, work, () => undefined);
  }

  /** For health checks. @throws what keeps it from serving */
  async ready(): Promise<void> {
    await this.read(() => Promise.resolve());
  }

  /** Asked at each start, without TypeORM. */
  abstract installation(): InstallationMark;

  /** Waits for the transactions that have begun. */
  abstract close(): Promise<void>;

  /** How TypeORM comes to its connections; `scope` is asked before each statement. */
  protected abstract options(scope: CurrentScope): DataSourceOptions;

  /** Goes about a transaction when it may begin, and again where that helps. */
  protected abstract inTurn<T>(go: () => Promise<T>): Promise<T>;

  protected abstract begin(runner: QueryRunner, writes: boolean): Promise<void>;
  protected abstract commit(runner: QueryRunner, writes: boolean): Promise<void>;

  /** Takes back what is not committed, and gives back what the transaction held. */
  protected abstract end(runner: QueryRunner): Promise<void>;

  /** Whether the driver says that a row with this key stands already. */
  protected abstract saysDuplicate(driverError: unknown): boolean;

  /** Lets go of TypeORM. */
  protected async disconnect(): Promise<void> {
    const source = await this.connecting?.catch(() => undefined);
    await source?.destroy();
  }

  private async transact<T>(writes: boolean, work: (tx: Tx) => Promise<T>, pass: (moment: Moment) => void): Promise<T> {
    const around = this.inside.getStore();
    if (around && around.state !== 'over')
      throw new Error('A transaction within another one would wait for ever for its turn; hand on the tx instead.');
    return this.inTurn(async () => {
      const source = await this.connected();
      return this.within(new Scope(writes), async (scope) => {
        const runner = source.createQueryRunner();
        try {
          pass('before');
          await this.begin(runner, writes);
          const result = await work({ repository: (entity) => runner.manager.getRepository(entity.name) });
          pass('commit');
          scope.state = 'ending';
          await this.commit(runner, writes);
          pass('after');
          return result;
        } catch (error) {
          throw this.named(error);
        } finally {
          scope.state = 'ending';
          await this.end(runner);
        }
      });
    });
  }

  /** While nobody is within, nothing is traced: Node would look at every promise of the process for it. */
  private async within<T>(scope: Scope, work: (scope: Scope) => Promise<T>): Promise<T> {
    this.active += 1;
    try {
      return await this.inside.run(scope, () => work(scope));
    } finally {
      scope.state = 'over';
      this.active -= 1;
      if (this.active === 0) this.inside.disable();
    }
  }

  private named(error: unknown): unknown {
    const cause = driverErrorOf(error);
    if (cause instanceof AppError) return cause;
    // What users wrote would stand in the log with the fault.
    if (error instanceof Error) delete (error as { parameters?: unknown }).parameters;
    return this.saysDuplicate(cause) ? new DuplicateKey(cause) : error;
  }

  private async connected(): Promise<DataSource> {
    this.connecting ??= this.connect().catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    return this.connecting;
  }

  private async connect(): Promise<DataSource> {
    const { DataSource: Source, EntitySchema } = await import('typeorm');
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- TypeORM declares its options as a class
    const schemas = this.entities.map((entity) => new EntitySchema({ ...entity, columns: { ...entity.columns } }));
    const source = new Source({ ...this.options((sql) => this.scopeFor(sql)), entities: schemas, logging: false });
    return this.within(new Scope(false), () => source.initialize());
  }

  private scopeFor(sql: string): Scope {
    const scope = this.inside.getStore();
    if (!scope?.admits(sql)) throw new OutsideTransaction();
    return scope;
  }
}

/** Whether a row with this key stands already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof DuplicateKey;
}

/** What the driver threw: TypeORM wraps it. */
export function driverErrorOf(error: unknown): unknown {
  return (error as { driverError?: unknown } | null)?.driverError ?? error;
}
