/** The service takes so many ids at once. */
const BATCH = 100;

/** In several requests where there are many; what refuses one of them ends it all. */
export async function inBatches<Item>(
  ids: readonly string[],
  send: (ids: readonly string[]) => Promise<{ readonly items?: readonly Item[] }>,
): Promise<readonly Item[]> {
  const results: Item[] = [];
  for (let at = 0; at < ids.length; at += BATCH) results.push(...((await send(ids.slice(at, at + BATCH))).items ?? []));
  return results;
}
