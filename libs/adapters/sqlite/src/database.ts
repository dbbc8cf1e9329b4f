import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { StorageFull, StorageUnavailable, failpoint } from '@flow/platform';
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WriteTurn } from './write-turn';

/** What SQLite stores: dates, booleans and objects are the caller's to turn into text and numbers. */
export type SqlValue = null | number | bigint | string | Uint8Array;
export type Row = Record<string, SqlValue>;

const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT_PRIMARY_KEY = 1555;
const BUSY = 5;
const READONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

const FLUSH_NOW = 'PRAGMA synchronous = FULL';
const FLUSH_LATER = 'PRAGMA synchronous = NORMAL';
const DURABLE =
  'PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;';
/** `auto_vacuum` of a file that `trim` can cut. */
const SHRINKS = 2;
const SHRINKING = 'PRAGMA auto_vacuum = INCREMENTAL;';
const WRITES = /^\s*(?:WITH\b[^;]*\b)?(?:INSERT|UPDATE|DELETE|REPLACE)\b/i;

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : undefined;
}

/** Extended codes keep the plain one in their lowest byte. */
function plainCodeOf(error: unknown): number {
  return (codeOf(error) ?? 0) & 0xff;
}

export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error);
  return code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARY_KEY;
}

export function isDiskFull(error: unknown): boolean {
  return (
    error instanceof StorageFull || codeOf(error) === FULL || (error as { code?: unknown } | null)?.code === 'ENOSPC'
  );
}

/** What SQLite threw, as the fact that it is where there is a name for it. SQLite takes back what it could not write. */
function named(error: unknown): unknown {
  if (codeOf(error) === FULL) return new StorageFull(error);
  return plainCodeOf(error) === IO_ERROR ? new StorageUnavailable(error) : error;
}

/** The file is no database, or not any more. */
export class DatabaseDamaged extends Error {
  constructor(file: string, options: ErrorOptions) {
    super(
      `${file} is damaged: it is not a database that SQLite can read. Nothing was changed; restore a backup, or move the file away.`,
      options,
    );
    this.name = 'DatabaseDamaged';
  }
}

function isDamage(error: unknown): boolean {
  const code = plainCodeOf(error);
  return code === CORRUPT || code === NOT_A_DATABASE;
}

/**
 * Whoever runs this process alone reads what it keeps: what is not there yet is made so. SQLite gives the files that it puts beside a
 * database (`-wal`, `-shm`, journals) the mode of that database. What stands already stays as its owner set it.
 */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
}

/** A value that SQLite would not give back as it was. */
export class ValueNotStorable extends TypeError {
  constructor(reason: string) {
    super(reason);
    this.name = 'ValueNotStorable';
  }
}

/**
 * The driver would take a boolean, a date and NaN in its own way and an object as a list of named values; SQLite ends a text at
 * U+0000 when it reads it and turns a lone surrogate into U+FFFD. @throws ValueNotStorable
 */
export function checkStorable(value: SqlValue): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || !(value as string & { isWellFormed(): boolean }).isWellFormed())
      throw new ValueNotStorable(
        'A text with U+0000 or a lone surrogate cannot stand in a column as it is; store it as JSON.',
      );
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ValueNotStorable(`${value} is no number that a column holds.`);
  } else if (value !== null && typeof value !== 'bigint' && !(value instanceof Uint8Array))
    throw new ValueNotStorable(
      `A column takes null, numbers, text and bytes, not ${Object.prototype.toString.call(value)}.`,
    );
}

/** A write outside of `write` and `transaction`: it would have no failpoints. */
export class WriteUnnamed extends Error {
  constructor(sql: string) {
    super(`Writes go through db.write('noun.verb', ...) or db.transaction('noun.verb', ...): ${sql.slice(0, 80)}`);
    this.name = 'WriteUnnamed';
  }
}

export interface Statement {
  readonly returnsRows: boolean;
  readonly writes: boolean;
  all(...values: SqlValue[]): Row[];
  run(...values: SqlValue[]): { changes: number };
}

/** How a database file is filled. */
export interface DatabaseSpace {
  readonly pages: number;
  /** Of them, those that hold nothing. */
  readonly freePages: number;
  readonly pageBytes: number;
  /** Whether `trim` can cut it: files of older versions cannot be, until they are compacted. */
  readonly shrinks: boolean;
}

interface Prepared {
  readonly statement: StatementSyncInstance;
  readonly writes: boolean;
}

/**
 * The one door to SQLite: a file in WAL mode whose commits are on disk when they return (`synchronous=FULL`), with every
 * statement prepared once. Calls are synchronous: SQLite runs in this thread. Every write has a name, `noun.verb`, and with it
 * the failpoints `<name>.before` (nothing is written), `<name>.commit` (written, not committed) and `<name>.after` (on disk).
 */
export class Database {
  private readonly statements = new Map<string, Prepared>();
  private writing = false;

  private constructor(
    private readonly db: DatabaseSyncInstance,
    readonly file: string,
    private readonly writable: boolean,
    /** Shared by the threads that write this file. */
    readonly turn: WriteTurn,
  ) {}

  /**
   * `frozen`: it is only read, and nobody writes it meanwhile, so that SQLite need not make its `-wal` and `-shm` beside it.
   * `turn`: that of the other threads of this process that write the file.
   */
  static open(file: string, options: { readOnly?: boolean; frozen?: boolean; turn?: WriteTurn } = {}): Database {
    const readOnly = (options.readOnly ?? false) || (options.frozen ?? false);
    if (!readOnly && file !== ':memory:') makePrivate(file);
    const place = options.frozen ? `${pathToFileURL(resolve(file)).href}?immutable=1` : file;
    const isNew = !existsSync(file) || statSync(file).size === 0;
    const db = new DatabaseSync(place, { readOnly, timeout: 5_000 });
    try {
      // A new file is one that can shrink; an older one becomes it when it is compacted, and is not touched before its schema is known.
      if (!readOnly) db.exec(`${isNew ? SHRINKING : ''} PRAGMA journal_mode = WAL; ${DURABLE}`);
      return new Database(db, file, !readOnly, options.turn ?? new WriteTurn());
    } catch (error) {
      db.close();
      throw isDamage(error) ? new DatabaseDamaged(file, { cause: error }) : error;
    }
  }

  /** Statements without values that a migration runs. */
  exec(sql: string): void {
    this.db.exec(sql);
  }

  run(sql: string, ...values: SqlValue[]): { changes: number } {
    const statement = this.prepared(sql, values);
    try {
      return { changes: statement.run(...values).changes };
    } catch (error) {
      throw named(error);
    }
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.prepared(sql, values).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.prepared(sql, values).all(...values) as Row[];
  }

  /** One statement that commits by itself. */
  write(name: string, sql: string, ...values: SqlValue[]): { changes: number } {
    failpoint(`${name}.before`);
    const endTurn = this.turn.take();
    this.writing = true;
    let result: { changes: number };
    try {
      result = this.run(sql, ...values);
    } finally {
      this.writing = false;
      endTurn();
    }
    failpoint(`${name}.after`);
    return result;
  }

  /**
   * All or nothing. `work` is synchronous, so nothing else can slip into the transaction. With `flush: 'later'` the commit does not
   * wait for the disk: it survives the death of this process, and a loss of power may take it, but never without everything that was
   * committed after it, for the log of SQLite (WAL) is read as far as it is whole. The next commit that flushes makes it durable.
   */
  transaction<T>(name: string, work: () => T, options: { readonly flush?: 'now' | 'later' } = {}): T {
    failpoint(`${name}.before`);
    const endTurn = this.turn.take();
    let result: T;
    try {
      result = this.committed(name, work, options.flush === 'later');
    } finally {
      endTurn();
    }
    failpoint(`${name}.after`);
    return result;
  }

  /**
   * One prepared statement for a driver that keeps its own and begins and ends transactions itself (TypeORM's). Names and
   * failpoints are then that caller's to set.
   */
  statement(sql: string): Statement {
    const statement = this.db.prepare(sql);
    const checked = (values: readonly SqlValue[]) => {
      for (const value of values) checkStorable(value);
      return values;
    };
    return {
      returnsRows: statement.columns().length > 0,
      writes: WRITES.test(sql),
      all: (...values) => {
        try {
          return statement.all(...checked(values)) as Row[];
        } catch (error) {
          throw named(error);
        }
      },
      run: (...values) => {
        try {
          return { changes: statement.run(...checked(values)).changes };
        } catch (error) {
          throw named(error);
        }
      },
    };
  }

  /** How the file is filled. */
  space(): DatabaseSpace {
    const pragma = (name: string) => Number(this.get(`PRAGMA ${name}`)?.[name] ?? 0);
    return {
      pages: pragma('page_count'),
      freePages: pragma('freelist_count'),
      pageBytes: pragma('page_size'),
      shrinks: pragma('auto_vacuum') === SHRINKS,
    };
  }

  /** Moves up to so many pages from the end of the file into free ones, and cuts it; does not wait for the disk. */
  trim(name: string, pages: number): void {
    this.transaction(name, () => this.db.exec(`PRAGMA incremental_vacuum(${Math.floor(pages)})`), { flush: 'later' });
  }

  /** Brings the log beside the file into it as far as nobody reads there, and empties it. Waits for nobody. */
  checkpoint(): void {
    this.db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000');
  }

  /** Writes the file anew without its free pages, as one that shrinks. In memory, and at once: for small files. */
  compact(): void {
    this.db.exec(`${SHRINKING} VACUUM`);
  }

  /** A consistent copy of the file while it is in use. */
  copyTo(file: string): void {
    this.run('VACUUM INTO ?', file);
  }

  /** Faults that SQLite finds in the file; none is good. */
  integrityFaults(): string[] {
    return this.all('PRAGMA integrity_check')
      .map((row) => String(row.integrity_check))
      .filter((line) => line !== 'ok');
  }

  /** Number of the last migration that ran. */
  schemaVersion(): number {
    return Number(this.get('PRAGMA user_version')?.user_version ?? 0);
  }

  /** Leaves everything in the file itself, with an empty log beside it, unless another process reads it just now. */
  close(): void {
    this.statements.clear();
    if (!this.db.isOpen) return;
    // The driver lets go of the connection only when it collects its statements, often never: SQLite's own tidying up is too late.
    try {
      if (this.writable) this.db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The log stays as it is: nothing is lost, the next one that opens the file reads it.
    }
    this.db.close();
  }

  private committed<T>(name: string, work: () => T, later: boolean): T {
    if (later) this.db.exec(FLUSH_LATER);
    try {
      this.db.exec('BEGIN IMMEDIATE');
      this.writing = true;
      const result = work();
      failpoint(`${name}.commit`);
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw named(error);
    } finally {
      this.writing = false;
      if (later) this.db.exec(FLUSH_NOW);
    }
  }

  private prepared(sql: string, values: readonly SqlValue[]): StatementSyncInstance {
    let known = this.statements.get(sql);
    if (known === undefined) {
      known = { statement: this.db.prepare(sql), writes: WRITES.test(sql) };
      this.statements.set(sql, known);
    }
    if (known.writes && !this.writing) throw new WriteUnnamed(sql);
    for (const value of values) checkStorable(value);
    return known.statement;
  }
}

/** Held by one process at a time; the operating system gives it back when that process dies, however it dies. */
export class FolderLock {
  private constructor(private readonly db: DatabaseSyncInstance) {}

  /** Undefined when another process has the folder. */
  static acquire(file: string): FolderLock | undefined {
    makePrivate(file);
    const db = new DatabaseSync(file, { timeout: 0 });
    try {
      db.exec(
        'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER); DELETE FROM holder;',
      );
      db.exec(`INSERT INTO holder VALUES (${process.pid}); COMMIT;`);
      return new FolderLock(db);
    } catch (error) {
      db.close();
      if (codeOf(error) === BUSY) return undefined;
      throw isDamage(error) ? new DatabaseDamaged(file, { cause: error }) : error;
    }
  }

  /** Whether some process holds the folder at this moment. Only reads, so that a look at a folder leaves it as it is. */
  static isHeld(file: string): boolean {
    if (!existsSync(file)) return false;
    const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    try {
      db.prepare('SELECT count(*) FROM sqlite_master').get();
      return false;
    } catch (error) {
      if (codeOf(error) === BUSY) return true;
      // What a holder left that died while it wrote: only a writer could put it right, and the next holder will.
      if (codeOf(error) === READONLY) return false;
      throw error;
    } finally {
      db.close();
    }
  }

  release(): void {
    if (this.db.isOpen) this.db.close();
  }
}

/** Steps that bring a file's schema up to date; each runs once, in order, in a transaction of its own. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
  /** Fills what the SQL made from what stood before; in the same transaction. */
  readonly fill?: (db: Database) => void;
}

export class SchemaTooNew extends Error {
  constructor(file: string, found: number, known: number) {
    super(
      `${file} has schema ${found}, but this build knows only ${known}: it was written by a newer version. Nothing was changed; start that version, or restore an older backup.`,
    );
    this.name = 'SchemaTooNew';
  }
}

export function migrate(db: Database, migrations: readonly Migration[]): void {
  const current = db.schemaVersion();
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) throw new SchemaTooNew(db.file, current, newest);
  for (const { version, sql, fill } of migrations) {
    if (version <= current) continue;
    db.transaction('schema.migrate', () => {
      db.exec(sql);
      fill?.(db);
      db.exec(`PRAGMA user_version = ${version}`);
    });
  }
}
