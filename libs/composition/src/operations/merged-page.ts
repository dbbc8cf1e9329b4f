import { decodeCursor, encodeCursor, type Page, type PageRequest } from '@flow/kernel';

/** A list that is the newest first, of which a page can be asked for. */
export type Source<Item> = (page: PageRequest) => Promise<Page<Item>>;

/** In the place of a list's own cursor. */
const [BEGINNING, END] = ['', '-'];

/**
 * A page of several lists as of one, the newest first; each list keeps its own order. The cursor holds the place in each of them, so
 * that nothing is shown twice or left out, whatever comes in meanwhile.
 */
export async function mergedPage<Item>(
  sources: readonly Source<Item>[],
  { limit, cursor, count = false }: PageRequest,
  timeOf: (item: Item) => number,
): Promise<Page<Item>> {
  const places =
    cursor === undefined
      ? sources.map(() => BEGINNING)
      : (decodeCursor(
          cursor,
          sources.map(() => 'string' as const),
        ) as readonly string[]);
  const ask = (source: Source<Item>, place: string, most: number) =>
    source({ limit: most, ...(place !== BEGINNING && place !== END && { cursor: place }), count });
  const pages = await Promise.all(
    sources.map(async (source, n) => {
      const place = places[n] ?? BEGINNING;
      // One that is at its end is asked for its count alone.
      if (place === END) return { items: [], nextCursor: null, total: count ? (await ask(source, END, 1)).total : 0 };
      return ask(source, place, limit);
    }),
  );
  const { items, taken } = newestOf(
    pages.map((page) => page.items),
    limit,
    timeOf,
  );
  const next = await Promise.all(
    sources.map(async (source, n) => {
      const [page, place, used] = [pages[n], places[n] ?? BEGINNING, taken[n] ?? 0];
      if (page === undefined || used === page.items.length) return place === END ? END : (page?.nextCursor ?? END);
      return used === 0 ? place : ((await ask(source, place, used)).nextCursor ?? END);
    }),
  );
  return {
    items,
    nextCursor: next.every((place) => place === END) ? null : encodeCursor(next),
    ...(count && { total: pages.reduce((sum, { total = 0 }) => sum + total, 0) }),
  };
}

/** The newest of the heads again and again, and how many of each list that took. */
function newestOf<Item>(lists: readonly (readonly Item[])[], limit: number, timeOf: (item: Item) => number) {
  const items: Item[] = [];
  const taken = lists.map(() => 0);
  while (items.length < limit) {
    let best: { readonly n: number; readonly item: Item } | undefined;
    for (const [n, list] of lists.entries()) {
      const item = list[taken[n] ?? 0];
      if (item !== undefined && (best === undefined || timeOf(item) > timeOf(best.item))) best = { n, item };
    }
    if (best === undefined) break;
    items.push(best.item);
    taken[best.n] = (taken[best.n] ?? 0) + 1;
  }
  return { items, taken };
}
