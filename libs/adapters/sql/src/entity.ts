import type { EntitySchemaColumnOptions } from 'typeorm';

/**
 * Columns that mean the same on every database: names and ids as text, times as milliseconds since 1970 (UTC), everything that
 * has structure or comes from users as JSON text, so that each character of it can be stored.
 */
export const text = (length: number, more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'varchar',
  length,
  ...more,
});

/** Reads null as null; MariaDB's driver gives bigint as text. */
export const time = (more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  transformer: {
    to: (value: unknown) => (value instanceof Date ? value.getTime() : value),
    from: (value: unknown) => (value === null || value === undefined ? null : new Date(Number(value))),
  },
  ...more,
});

/** A whole number; MariaDB's driver gives bigint as text. */
export const whole = (more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  transformer: { to: (value: unknown) => value, from: Number },
  ...more,
});

/** A whole number or null; MariaDB's driver gives bigint as text. */
export const wholeOrNull = (more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  nullable: true,
  transformer: {
    to: (value: unknown) => value,
    from: (value: unknown) => (value === null || value === undefined ? null : Number(value)),
  },
  ...more,
});

export const json = (more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  type: 'text',
  transformer: {
    to: (value: unknown) => (value === undefined ? value : JSON.stringify(value)),
    from: (value: unknown) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : null),
  },
  ...more,
});

/** A table of TypeORM's EntitySchema as plain data, so that TypeORM itself is loaded when the first row is asked for. */
export interface AnyEntity {
  readonly name: string;
  readonly tableName: string;
  readonly columns: Readonly<Record<string, EntitySchemaColumnOptions>>;
}

export interface Entity<Row> extends AnyEntity {
  readonly columns: Readonly<Record<keyof Row & string, EntitySchemaColumnOptions>>;
  /** Never set: it carries the type of the rows. */
  readonly row?: Row;
}
