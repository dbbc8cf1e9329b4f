import type { DomainId } from '@flow/kernel';
import type { BlobStore } from '@flow/platform';

const domain = 'north' as DomainId;
export const OWNERS = ['one', 'two'] as const;

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  for (const piece of [text.slice(0, 5), text.slice(5)]) yield Buffer.from(piece);
}

async function sweep(store: BlobStore, than: Date): Promise<void> {
  for await (const owner of store.everyOwner()) await owner.releaseIfOlder(than);
}

/** What a step leaves: texts by owner. */
export type BlobsLeft = Readonly<Record<(typeof OWNERS)[number], readonly string[]>>;

/** Every kind of write that a BlobStore knows, and what stands after each. */
export function blobSteps(store: BlobStore): readonly { run(): Promise<unknown>; readonly leaves: BlobsLeft }[] {
  let sha256 = '';
  return [
    {
      run: async () => ({ sha256 } = await store.put({ domain, owner: 'one' }, pieces('first bytes'), 1_000)),
      leaves: { one: ['first bytes'], two: [] },
    },
    {
      run: () => store.put({ domain, owner: 'one' }, pieces('second bytes'), 1_000),
      leaves: { one: ['first bytes', 'second bytes'], two: [] },
    },
    {
      run: () => store.share({ domain, owner: 'one' }, sha256, 'two'),
      leaves: { one: ['first bytes', 'second bytes'], two: ['first bytes'] },
    },
    { run: () => store.release({ domain, owner: 'one' }), leaves: { one: [], two: ['first bytes'] } },
    { run: () => sweep(store, new Date(0)), leaves: { one: [], two: ['first bytes'] } },
    { run: () => sweep(store, new Date(Date.now() + 60_000)), leaves: { one: [], two: [] } },
  ];
}
