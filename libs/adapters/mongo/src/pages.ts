import type { FindCursor, WithId } from './driver';
import type { Mongo } from './mongo';

/** Rows of a page are opened until they hold this many characters: large rows make short pages rather than huge answers. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;
/** Rows that the server sends at once: what comes too much is thrown away. */
const ROWS_A_BATCH = 50;

export interface OpenedPage<T> {
  readonly items: readonly T[];
  /** The last of them, to go on behind; undefined when nothing follows. */
  readonly goOnBehind: T | undefined;
}

/** At least one row, at most `limit`, fewer when they are large. */
export async function pageOf<T extends { readonly doc: string }>(
  mongo: Mongo,
  rows: FindCursor<WithId<T>>,
  limit: number,
  most = PAGE_CHARACTERS,
): Promise<OpenedPage<WithId<T>>> {
  return mongo.read(async () => {
    const items: WithId<T>[] = [];
    let characters = 0;
    rows.limit(limit + 1).batchSize(Math.min(ROWS_A_BATCH, limit + 1));
    try {
      for await (const row of rows) {
        if (items.length === limit || characters > most) return { items, goOnBehind: items.at(-1) };
        items.push(row);
        characters += row.doc.length;
      }
      return { items, goOnBehind: undefined };
    } finally {
      await rows.close();
    }
  });
}
