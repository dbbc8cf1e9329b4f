import { decodeCursor, encodeCursor, type Page } from '@flow/kernel';
import fc from 'fast-check';
import { mergedPage, type Source } from './merged-page';

interface Letter {
  readonly id: string;
  readonly at: number;
}

/** The newest first, and among those of one moment the one that came last. */
class Letters {
  private readonly held: Letter[] = [];

  add(letter: Letter): void {
    this.held.push(letter);
    this.held.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  }

  readonly list: Source<Letter> = async ({ limit, cursor, count }): Promise<Page<Letter>> => {
    const behind = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
    const from = behind
      ? this.held.findIndex(({ id, at }) => at < Number(behind[0]) || (at === behind[0] && id < String(behind[1])))
      : 0;
    const rest = from < 0 ? [] : this.held.slice(from);
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = rest.length > limit && last ? encodeCursor([last.at, last.id]) : null;
    return { items, nextCursor, ...(count && { total: this.held.length }) };
  };
}

const listOf = (name: string, times: readonly number[]) => {
  const letters = new Letters();
  for (const [n, at] of times.entries()) letters.add({ id: `${name}${n}`, at });
  return letters;
};
const timeOf = ({ at }: Letter) => at;

describe('A page of several lists', () => {
  const times = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 25 });

  it('goes through all of them, the newest first, each once, whatever comes in meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(times, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        async (all, limit) => {
          const lists = all.map((some, n) => listOf('abc'.charAt(n), some));
          const sources = lists.map(({ list }) => list);
          const read: Letter[] = [];
          let cursor: string | undefined;
          for (let pages = 0; pages < 200; pages += 1) {
            const page = await mergedPage(
              sources,
              { limit, ...(cursor !== undefined && { cursor }), count: true },
              timeOf,
            );
            expect(page.items.length).toBeLessThanOrEqual(limit);
            expect(page.total).toBe(all.flat().length + pages);
            read.push(...page.items);
            if (page.nextCursor === null) break;
            expect(page.items.length).toBe(limit);
            cursor = page.nextCursor;
            lists[pages % lists.length]?.add({ id: `z${pages}`, at: 1_000 + pages });
          }
          const old = read.filter(({ at }) => at < 1_000);
          expect(old).toHaveLength(all.flat().length);
          expect(new Set(read.map(({ id }) => id)).size).toBe(read.length);
          expect(old.map(timeOf)).toEqual(old.map(timeOf).sort((a, b) => b - a));
        },
      ),
    );
  });

  it('of a cursor that it did not give is refused', async () => {
    const sources = [listOf('a', [1]).list, listOf('b', [2]).list];
    for (const cursor of ['nonsense', encodeCursor(['']), encodeCursor([1, 2])])
      await expect(mergedPage(sources, { limit: 5, cursor }, timeOf)).rejects.toMatchObject({
        code: 'request.invalid',
      });
  });
});
