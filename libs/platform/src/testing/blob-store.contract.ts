import { createHash } from 'node:crypto';
import type { DomainId } from '@flow/kernel';
import { BlobMissing, BlobTooLarge, type BlobPlace, type BlobStore } from '@flow/platform';

export async function* piecesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

export async function textIn(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const MIB = 1024 * 1024;
const here: BlobPlace = { domain: 'north' as DomainId, owner: 'one' };
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** What every BlobStore keeps; `open` gives an empty one and, where there is something to close, how. */
export function blobStoreContract(
  name: string,
  open: () => Promise<{ store: BlobStore; close?: () => Promise<void> | void }>,
): void {
  describe(`${name} as a BlobStore`, () => {
    let store: BlobStore;
    let close: (() => Promise<void> | void) | undefined;

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(async () => {
      await close?.();
    });

    const keep = (text: string, place = here) => store.put(place, piecesOf(text), MIB);
    const read = (sha256: string, place = here) => textIn(store.get(place, sha256));

    it('gives back what was kept, by its hash', async () => {
      const blob = await store.put(here, piecesOf('some ', '', 'bytes \u0000 ü'), MIB);
      expect(blob).toEqual({ sha256: hashOf('some bytes \u0000 ü'), bytes: 15 });
      expect(await read(blob.sha256)).toBe('some bytes \u0000 ü');
    });

    it('keeps nothing at all as well', async () => {
      const blob = await store.put(here, piecesOf(), MIB);
      expect([blob.bytes, await read(blob.sha256)]).toEqual([0, '']);
    });

    it('gives large bytes in pieces', async () => {
      const text = 'x'.repeat(MIB);
      const { sha256 } = await keep(text);
      const sizes: number[] = [];
      for await (const piece of store.get(here, sha256)) sizes.push(piece.length);
      expect(sizes.length).toBeGreaterThan(3);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(MIB);
    });

    it('keeps the same bytes once, however often and at the same time', async () => {
      const blobs = await Promise.all([keep('same'), keep('same'), keep('same')]);
      expect(new Set(blobs.map(({ sha256 }) => sha256)).size).toBe(1);
      expect(await read(hashOf('same'))).toBe('same');
      await expect(keep('same')).resolves.toEqual(blobs[0]);
    });

    it('stops reading past the limit and keeps nothing', async () => {
      let read = 0;
      const endless = async function* () {
        for (;;) {
          read += 1;
          yield Buffer.alloc(1_000);
        }
      };
      await expect(store.put(here, endless(), 10_000)).rejects.toThrow(BlobTooLarge);
      expect(read).toBeLessThan(20);
      expect(await store.owners(here.domain, '', 10)).toEqual([]);
    });

    it('takes exactly the limit', async () => {
      await expect(store.put(here, piecesOf('12345'), 5)).resolves.toMatchObject({ bytes: 5 });
      await expect(store.put(here, piecesOf('12345', '6'), 5)).rejects.toThrow(BlobTooLarge);
    });

    it('keeps nothing of a source that fails, and lets its error out', async () => {
      const broken = async function* () {
        yield Buffer.from('half');
        throw new Error('cut');
      };
      await expect(store.put(here, broken(), MIB)).rejects.toThrow('cut');
      await expect(read(hashOf('half'))).rejects.toThrow(BlobMissing);
    });

    it('shows bytes to their owner in their domain alone', async () => {
      const { sha256 } = await keep('private');
      await expect(read(sha256, { ...here, domain: 'south' as DomainId })).rejects.toThrow(BlobMissing);
      await expect(read(sha256, { ...here, owner: 'two' })).rejects.toThrow(BlobMissing);
      await expect(store.share({ ...here, domain: 'south' as DomainId }, sha256, 'two')).rejects.toThrow(BlobMissing);
    });

    it('keeps domains apart whatever their names are', async () => {
      const names = ['a', 'A', '..', '.', 'a/b', 'a%2Fb', 'ä', ' '] as DomainId[];
      for (const domain of names) await keep(`of ${domain}`, { domain, owner: 'one' });
      for (const domain of names) {
        expect(await read(hashOf(`of ${domain}`), { domain, owner: 'one' })).toBe(`of ${domain}`);
        for (const other of names)
          if (other !== domain)
            await expect(read(hashOf(`of ${domain}`), { domain: other, owner: 'one' })).rejects.toThrow(BlobMissing);
      }
    });

    it.each(['', '..', 'a/b', 'x'.repeat(65)])('refuses an owner named %p', async (owner) => {
      await expect(keep('x', { ...here, owner })).rejects.toThrow();
    });

    it.each(['', '..', '../x', 'ABC', 'f'.repeat(63)])('knows no bytes named %p', async (sha256) => {
      await expect(read(sha256)).rejects.toThrow(BlobMissing);
    });

    it('lets an owner share with another one, whose bytes stay when the first one goes', async () => {
      const { sha256 } = await keep('shared');
      await store.share(here, sha256, 'two');
      await store.share(here, sha256, 'two');
      await store.release(here);
      expect(await read(sha256, { ...here, owner: 'two' })).toBe('shared');
      await expect(read(sha256)).rejects.toThrow(BlobMissing);
      await expect(store.share(here, sha256, 'three')).rejects.toThrow(BlobMissing);
    });

    it('lets go of everything of an owner and of nothing else', async () => {
      const [mine, other] = [await keep('mine'), await keep('other', { ...here, owner: 'two' })];
      await keep('more');
      await store.release(here);
      await store.release(here);
      await expect(read(mine.sha256)).rejects.toThrow(BlobMissing);
      expect(await read(other.sha256, { ...here, owner: 'two' })).toBe('other');
    });

    it('lets go of an owner for whom nothing was kept since a moment, whatever its domain', async () => {
      const south = { domain: 'south' as DomainId, owner: 'two' };
      const { sha256 } = await keep('mine');
      await keep('other', south);
      const released = async (than: Date, owner: string) => {
        const done: boolean[] = [];
        for await (const one of store.everyOwner()) if (one.owner === owner) done.push(await one.releaseIfOlder(than));
        return done;
      };
      const [longAgo, later] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
      expect(await released(longAgo, 'one')).toEqual([false]);
      expect(await released(later, 'two')).toEqual([true]);
      expect(await released(later, 'two')).toEqual([]);
      expect(await read(sha256)).toBe('mine');
      await expect(read(hashOf('other'), south)).rejects.toThrow(BlobMissing);
      await keep('other', south);
      expect(await read(hashOf('other'), south)).toBe('other');
    });

    it('lists owners in pages', async () => {
      for (const owner of ['c', 'a', 'b']) await keep('x', { ...here, owner });
      await keep('x', { domain: 'south' as DomainId, owner: 'd' });
      expect(await store.owners(here.domain, '', 2)).toEqual(['a', 'b']);
      expect(await store.owners(here.domain, 'b', 2)).toEqual(['c']);
      expect(await store.owners('empty' as DomainId, '', 2)).toEqual([]);
    });
  });
}
