import type { Database, SqlValue } from '@flow/adapters/sqlite';

/** What TypeORM's `better-sqlite3` driver calls, answered by our door to SQLite. */
interface DriverStatement {
  readonly reader: boolean;
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): { changes: number };
}

/**
 * The class that TypeORM makes its connection of. The connection is `db`, whatever path it is given. `mayRun` is asked before
 * each statement, told whether it writes, and throws when nobody may use the connection now.
 */
export function driverFor(db: Database, mayRun: (writes: boolean) => void): unknown {
  return class {
    prepare(sql: string): DriverStatement {
      // A write lock from the beginning: a transaction that only reads at first cannot be refused later.
      const statement = db.statement(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql);
      return {
        reader: statement.returnsRows,
        all: (...values) => {
          mayRun(statement.writes);
          return statement.all(...values.map(toSql));
        },
        run: (...values) => {
          mayRun(statement.writes);
          return statement.run(...values.map(toSql));
        },
      };
    }

    pragma(pragma: string): unknown[] {
      return db.all(`PRAGMA ${pragma}`);
    }

    close(): void {
      // The file is its owner's to close.
    }
  };
}

function toSql(value: unknown): SqlValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  return (value ?? null) as SqlValue;
}
