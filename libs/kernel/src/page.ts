import { RequestInvalid } from './app-error';

/** One page of a list. `nextCursor` is null on the last; `total` is there when it was asked for. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total?: number;
}

/** What a list is asked: how many, after which row (an opaque cursor), and whether to count all. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
  readonly count?: boolean;
}

/** The sort keys of the last row that was given; only the store that made a cursor reads it. */
export type CursorKeys = readonly (string | number | null)[];

export function encodeCursor(keys: CursorKeys): string {
  return Buffer.from(JSON.stringify(keys), 'utf8').toString('base64url');
}

/** Throws RequestInvalid unless the text is a cursor with as many keys as the sort order has. */
export function decodeCursor(cursor: string, length: number): CursorKeys {
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const scalar = (key: unknown) => key === null || typeof key === 'string' || typeof key === 'number';
    if (Array.isArray(keys) && keys.length === length && keys.every(scalar)) return keys;
  } catch {
    // Not ours: said below.
  }
  throw new RequestInvalid([
    {
      pointer: '/cursor',
      code: 'cursor.invalid',
      message: 'The cursor is not one that this list gave for this sort order; start without it.',
    },
  ]);
}
