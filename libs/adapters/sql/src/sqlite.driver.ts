import type { Database } from '@flow/adapters/sqlite';
import { storable } from './column.values';
import type { CurrentScope } from './relational';

/** What TypeORM's `better-sqlite3` driver calls, answered by our door to SQLite. */
interface DriverStatement {
  readonly reader: boolean;
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): { changes: number };
}

/** The class that TypeORM makes its connection of. The connection is `db`, whatever path it is given. */
export function driverFor(db: Database, scope: CurrentScope): unknown {
  return class {
    prepare(sql: string): DriverStatement {
      // A write lock from the beginning: a transaction that only reads at first cannot be refused later.
      const statement = db.statement(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql);
      const check = () => {
        if (!scope(sql).writes && statement.writes) throw new Error('Relational.read does not write; use run.');
      };
      return {
        reader: statement.returnsRows,
        all: (...values) => {
          check();
          return statement.all(...values.map(storable));
        },
        run: (...values) => {
          check();
          return statement.run(...values.map(storable));
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
