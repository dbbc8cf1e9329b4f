import type { DomainId, PrincipalId } from '@flow/kernel';
import type { SecretStore, StoredSecret } from '@flow/secrets';

export const PUBLIC = 'public' as DomainId;
export const ACME = 'acme' as DomainId;
const ALICE = 'alice' as PrincipalId;

export interface OpenedStore<T> {
  readonly store: T;
  readonly close: () => Promise<void> | void;
}

export function aStoredSecret(change: Partial<StoredSecret> = {}): StoredSecret {
  const at = new Date('2026-01-01T00:00:00.123Z');
  return {
    id: `id-of-${change.domain ?? PUBLIC}-${change.name ?? 'api_key'}`,
    domain: PUBLIC,
    name: 'api_key',
    envelope: 'v1.key.nonce.text',
    hosts: ['api.example.com', '*.example.org'],
    createdBy: ALICE,
    createdAt: at,
    modifiedBy: ALICE,
    updatedAt: at,
    ...change,
  };
}

function withoutEnvelope({ envelope: _hidden, ...shown }: StoredSecret): object {
  return shown;
}

/** What every SecretStore keeps. */
export function secretStoreContract(name: string, open: () => Promise<OpenedStore<SecretStore>>): void {
  describe(`${name} as a SecretStore`, () => {
    let store: SecretStore;
    let close: OpenedStore<SecretStore>['close'];

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    it('gives back what was added, an envelope of 64 KiB too', async () => {
      const secret = aStoredSecret({ envelope: 'x'.repeat(90_000) });
      expect(await store.add(secret)).toBe(true);
      expect(await store.find(PUBLIC, secret.name)).toEqual(secret);
      expect(await store.findMany(PUBLIC, [secret.name, 'other'])).toEqual([secret]);
      expect(await store.findMany(PUBLIC, [])).toEqual([]);
    });

    it('adds exactly one of many with the same name, and one in each domain', async () => {
      const added = await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.add(aStoredSecret({ id: `id-${i}`, envelope: `e-${i}` }))),
      );
      expect(added.filter(Boolean)).toHaveLength(1);
      expect((await store.find(PUBLIC, 'api_key'))?.envelope).toBe(`e-${added.indexOf(true)}`);
      expect(await store.add(aStoredSecret({ domain: ACME }))).toBe(true);
    });

    it('tells names apart by the case of their letters', async () => {
      await store.add(aStoredSecret({ name: 'Key' }));
      expect(await store.add(aStoredSecret({ name: 'key' }))).toBe(true);
      expect(await store.find(PUBLIC, 'KEY')).toBeUndefined();
    });

    it("does not find, list, replace or remove another domain's", async () => {
      const secret = aStoredSecret();
      await store.add(secret);
      expect(await store.find(ACME, secret.name)).toBeUndefined();
      expect(await store.findMany(ACME, [secret.name])).toEqual([]);
      expect((await store.list(ACME, { limit: 10, count: true })).total).toBe(0);
      expect(await store.replace({ ...secret, domain: ACME, envelope: 'other' })).toBe(false);
      expect(await store.remove(ACME, secret.name)).toBe(false);
      expect(await store.find(PUBLIC, secret.name)).toEqual(secret);
    });

    it('replaces the one with the same id, no other that took its name since', async () => {
      const secret = aStoredSecret();
      await store.add(secret);
      const next = { ...secret, envelope: 'e2', hosts: [], updatedAt: new Date('2026-01-02T00:00:00.000Z') };
      expect(await store.replace(next)).toBe(true);
      expect(await store.replace(next)).toBe(true);
      expect(await store.find(PUBLIC, secret.name)).toEqual(next);
      expect(await store.replace({ ...next, id: 'another', envelope: 'e3' })).toBe(false);
      expect(await store.find(PUBLIC, secret.name)).toEqual(next);
    });

    it('removes once and frees the name', async () => {
      await store.add(aStoredSecret());
      expect(await store.remove(PUBLIC, 'api_key')).toBe(true);
      expect(await store.remove(PUBLIC, 'api_key')).toBe(false);
      expect(await store.add(aStoredSecret({ id: 'new' }))).toBe(true);
    });

    it('lists by name without the envelopes, in pages', async () => {
      const secrets = ['B', 'a', 'b', 'c', '_'].map((one) => aStoredSecret({ name: one }));
      for (const secret of secrets) await store.add(secret);
      const first = await store.list(PUBLIC, { limit: 3, count: true });
      const second = await store.list(PUBLIC, { limit: 3, cursor: first.nextCursor ?? '' });
      expect(first.total).toBe(5);
      expect(second.nextCursor).toBeNull();
      expect([...first.items, ...second.items]).toEqual(
        [...secrets].sort((a, b) => (a.name < b.name ? -1 : 1)).map(withoutEnvelope),
      );
    });
  });
}
