/** Rows of a page are opened until they hold this many characters: large rows make short pages rather than huge answers. */
export const PAGE_CHARACTERS = 4 * 1024 * 1024;

export interface OpenedRows<K> {
  readonly docs: readonly string[];
  /** The key to go on behind; undefined when nothing follows. */
  readonly goOnBehind: K | undefined;
}

/** Opens the rows of these keys (one more than `limit` tells that more follow); at least one, at most `limit`. */
export function openRows<K>(keys: readonly K[], limit: number, open: (key: K) => string | undefined): OpenedRows<K> {
  const docs: string[] = [];
  let characters = 0;
  let opened = 0;
  for (const key of keys.slice(0, limit)) {
    if (characters > PAGE_CHARACTERS) break;
    const doc = open(key);
    opened += 1;
    if (doc === undefined) continue;
    docs.push(doc);
    characters += doc.length;
  }
  return { docs, goOnBehind: opened < keys.length ? keys[opened - 1] : undefined };
}
