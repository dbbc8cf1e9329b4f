/** Values that one statement names; SQLite takes 32,766 at most, and a short statement is read faster. */
const A_STATEMENT = 500;

/** In their order, so many at a time. */
export function* inPieces<T>(all: readonly T[], size = A_STATEMENT): Generator<T[]> {
  for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
}
