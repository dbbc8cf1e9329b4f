import type { FileId, FileStore, UploadedFile } from '@flow/files';
import type { DomainId } from '@flow/kernel';

const PUBLIC = 'public' as DomainId;
const AT = Date.parse('2026-01-01T00:00:00.000Z');
const later = (seconds: number) => new Date(AT + seconds * 1_000);
const idOf = (n: number) => `file_${String(n).padStart(32, 'a')}` as FileId;

/** The nth, whose time is over n seconds after the first moment. */
export function aFile(n: number, change: Partial<UploadedFile> = {}): UploadedFile {
  return {
    id: idOf(n),
    domain: PUBLIC,
    principal: 'alice',
    name: `Bericht "${n}" é 🎉.pdf`,
    contentType: 'application/pdf',
    bytes: 2 ** 33 + n,
    sha256: String(n).padStart(64, '0'),
    createdAt: later(0),
    expiresAt: later(n),
    ...change,
  };
}

/** What every FileStore keeps. */
export function fileStoreContract(
  name: string,
  open: () => Promise<{ readonly store: FileStore; close(): Promise<void> }>,
): void {
  describe(`${name} as a FileStore`, () => {
    let store: FileStore;
    let close: () => Promise<void>;
    const add = async (...files: UploadedFile[]) => {
      for (const file of files) expect(await store.add(file, 100)).toBe(true);
    };

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    it('gives its uploader what was added, and nobody else anything', async () => {
      await add(aFile(1), aFile(2), aFile(3, { principal: 'bob' }), aFile(4, { domain: 'acme' as DomainId }));
      const ids = [1, 2, 3, 4, 5].map(idOf);
      const found = await store.findMany(PUBLIC, 'alice', ids);
      expect([...found].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([aFile(1), aFile(2)]);
      expect(await store.findMany(PUBLIC, 'bob', ids)).toEqual([aFile(3, { principal: 'bob' })]);
      expect(await store.findMany(PUBLIC, 'Alice', ids)).toEqual([]);
      expect(await store.findMany(PUBLIC, 'alice', [])).toEqual([]);
    });

    it('tells handles apart by every character', async () => {
      await add(aFile(1, { id: `file_${'a'.repeat(32)}` as FileId }));
      expect(await store.findMany(PUBLIC, 'alice', [`file_${'A'.repeat(32)}` as FileId])).toEqual([]);
    });

    it('takes so many of one principal in a domain, and changes nothing past that', async () => {
      await add(aFile(1), aFile(2), aFile(3, { principal: 'bob' }), aFile(4, { domain: 'acme' as DomainId }));
      expect(await store.add(aFile(5), 2)).toBe(false);
      expect(await store.findMany(PUBLIC, 'alice', [idOf(5)])).toEqual([]);
      await store.remove([idOf(1)]);
      expect(await store.add(aFile(5), 2)).toBe(true);
    });

    it('finds those whose time was over before, the first ones first', async () => {
      await add(aFile(30), aFile(10), aFile(20, { domain: 'acme' as DomainId }), aFile(40));
      const ids = async (before: Date, limit: number) => (await store.expired(before, limit)).map(({ id }) => id);
      expect(await ids(later(31), 10)).toEqual([10, 20, 30].map(idOf));
      expect(await ids(later(31), 2)).toEqual([10, 20].map(idOf));
      expect(await ids(later(10), 10)).toEqual([]);
      await store.remove([idOf(10), idOf(30), idOf(99)]);
      expect(await ids(later(41), 10)).toEqual([20, 40].map(idOf));
    });

    it('knows which names are no files, of whatever domain', async () => {
      await add(aFile(1), aFile(2, { domain: 'acme' as DomainId }));
      expect(await store.unknown([idOf(2), 'nobody', idOf(1), idOf(3)])).toEqual(['nobody', idOf(3)]);
      expect(await store.unknown([])).toEqual([]);
    });
  });
}
