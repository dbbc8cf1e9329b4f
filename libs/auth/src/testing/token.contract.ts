import type { StoredToken, TokenStore } from '@flow/auth';
import type { DomainId, PrincipalId, TokenId } from '@flow/kernel';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOON = new Date('2026-01-01T12:00:00.000Z');
const later = (ms: number): Date => new Date(NOON.getTime() + ms);
const idOf = (n: number): TokenId => `01${String(n).padStart(24, '0')}` as TokenId;
const domain = (name: string): DomainId => name as DomainId;
const ALICE = 'alice' as PrincipalId;
const BOB = 'bob' as PrincipalId;

export function aStoredToken(change: Partial<StoredToken> = {}): StoredToken {
  return {
    id: idOf(1),
    principal: ALICE,
    name: 'Nightly builds',
    hash: 'JQ3dVZ6yhTzx0bQJtAJdQ0d4pDnpTzNxQbLmx9pYx9A',
    permissions: ['dag.view', 'dag.run'],
    domains: [domain('public'), domain('acme')],
    createdBy: ALICE,
    createdAt: NOON,
    expiresAt: later(90 * DAY_MS),
    lastUsedAt: null,
    ...change,
  };
}

/** What every TokenStore keeps; `open` gives an empty one and, where there is something to close, how. */
export function tokenStoreContract(
  name: string,
  open: () => Promise<{ store: TokenStore; close?: () => Promise<void> | void }>,
): void {
  describe(`${name} as a TokenStore`, () => {
    let store: TokenStore;
    let close: (() => Promise<void> | void) | undefined;

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(async () => {
      await close?.();
    });

    it('gives back what was added', async () => {
      const token = aStoredToken();
      expect(await store.add(token)).toBe(true);
      expect(await store.find(token.id)).toEqual(token);
    });

    it('gives back a token for all domains that never expires', async () => {
      const token = aStoredToken({ domains: '*', expiresAt: null, permissions: [], name: 'Ümläut 🙂' });
      await store.add(token);
      expect(await store.find(token.id)).toEqual(token);
    });

    it('finds nothing under an id that no token has', async () => {
      expect(await store.find(idOf(9))).toBeUndefined();
    });

    it('adds exactly one of many with the same id', async () => {
      const added = await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.add(aStoredToken({ name: `token ${i}` }))),
      );
      expect(added.filter(Boolean)).toHaveLength(1);
      const winner = added.indexOf(true);
      expect((await store.find(idOf(1)))?.name).toBe(`token ${winner}`);
    });

    it('lists what speaks for a principal or was made by it, newest first', async () => {
      await store.add(aStoredToken({ id: idOf(1) }));
      await store.add(aStoredToken({ id: idOf(2), principal: BOB, createdAt: later(1) }));
      await store.add(aStoredToken({ id: idOf(3), principal: BOB, createdBy: BOB, createdAt: later(2) }));
      await store.add(aStoredToken({ id: idOf(4), createdBy: BOB, createdAt: later(2) }));
      const ids = async (principal: PrincipalId) =>
        (await store.list(principal, '*', { limit: 10 })).items.map(({ id }) => id);
      expect(await ids(ALICE)).toEqual([idOf(4), idOf(2), idOf(1)]);
      expect(await ids(BOB)).toEqual([idOf(4), idOf(3), idOf(2)]);
      expect(await ids('carol' as PrincipalId)).toEqual([]);
    });

    it('lists and counts within some domains only what speaks for no other', async () => {
      const domainsOf: Record<number, StoredToken['domains']> = {
        1: [domain('acme')],
        2: [domain('acme'), domain('public')],
        3: [domain('acme'), domain('acme.eu')],
        4: [domain('cme')],
        5: '*',
      };
      for (const [n, domains] of Object.entries(domainsOf))
        await store.add(aStoredToken({ id: idOf(Number(n)), domains }));
      const within = async (...names: string[]) => {
        const { items, total } = await store.list(ALICE, names.map(domain), { limit: 10, count: true });
        expect(total).toBe(items.length);
        return items.map(({ id }) => id);
      };
      expect(await within('acme')).toEqual([idOf(1)]);
      expect(await within('acme', 'public', 'other')).toEqual([idOf(2), idOf(1)]);
      expect(await within('cme')).toEqual([idOf(4)]);
      expect(await within('other')).toEqual([]);
    });

    it('pages without gap or repeat, and counts when asked', async () => {
      for (let n = 1; n <= 5; n += 1) await store.add(aStoredToken({ id: idOf(n), createdAt: later(n > 3 ? 3 : n) }));
      const seen: TokenId[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<TokenStore['list']>> = await store.list(ALICE, '*', {
          limit: 2,
          count: true,
          ...(cursor !== null && { cursor }),
        });
        expect(page.total).toBe(5);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual([5, 4, 3, 2, 1].map(idOf));
      expect(await store.list(ALICE, '*', { limit: 5 })).not.toHaveProperty('total');
      expect((await store.list(ALICE, '*', { limit: 5 })).nextCursor).toBeNull();
    });

    it("removes a principal's own token or one that it made, once", async () => {
      await store.add(aStoredToken({ id: idOf(1) }));
      await store.add(aStoredToken({ id: idOf(2), principal: BOB }));
      expect(await store.remove(ALICE, idOf(1))).toBe(true);
      expect(await store.remove(ALICE, idOf(1))).toBe(false);
      expect(await store.find(idOf(1))).toBeUndefined();
      expect(await store.remove(ALICE, idOf(2))).toBe(true);
    });

    it("leaves another's token alone", async () => {
      await store.add(aStoredToken());
      expect(await store.remove(BOB, idOf(1))).toBe(false);
      expect(await store.find(idOf(1))).toBeDefined();
    });

    it('notes the latest use', async () => {
      await store.add(aStoredToken());
      await store.markUsed(idOf(1), later(60_000));
      await store.markUsed(idOf(1), later(30_000));
      await store.markUsed(idOf(2), later(30_000));
      expect((await store.find(idOf(1)))?.lastUsedAt).toEqual(later(60_000));
    });

    it('purges what expired before a time, in steps, and nothing else', async () => {
      for (let n = 1; n <= 3; n += 1) await store.add(aStoredToken({ id: idOf(n), expiresAt: later(n) }));
      await store.add(aStoredToken({ id: idOf(4), expiresAt: null }));
      expect(await store.purge(later(3), 1)).toBe(1);
      expect(await store.purge(later(3), 10)).toBe(1);
      expect(await store.purge(later(3), 10)).toBe(0);
      expect(await store.find(idOf(3))).toBeDefined();
      expect(await store.find(idOf(4))).toBeDefined();
    });
  });
}
