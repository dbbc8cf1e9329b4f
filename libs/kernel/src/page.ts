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

/**
 * The keys that a cursor holds: so many, or of these types. Anybody can write a cursor, so texts that stores cannot compare (U+0000, half a
 * surrogate pair) are refused too.
 * @throws RequestInvalid
 */
export function decodeCursor(cursor: string, form: number | readonly ('string' | 'number')[]): CursorKeys {
  const length = typeof form === 'number' ? form : form.length;
  const fits = (key: unknown, i: number) => isKey(key) && (typeof form === 'number' || typeof key === form[i]);
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(keys) && keys.length === length && keys.every(fits)) return keys as CursorKeys;
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

function isKey(key: unknown): boolean {
  if (typeof key === 'string') return !/[\u0000\p{Surrogate}]/u.test(key);
  return key === null || Number.isSafeInteger(key);
}
