import type { SqlValue } from '@flow/adapters/sqlite';

/** What TypeORM hands on, as columns hold it: truth as 0 and 1, dates as text, nothing as null. */
export function storable(value: unknown): SqlValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  return (value ?? null) as SqlValue;
}
